import type { Finding } from '../../finding.ts';
import type { EnvironmentRecord } from '../../telemetry/index.ts';

export function environmentFinding({ os, kernel, cpu, memory_bytes: memory }: EnvironmentRecord): Finding {
  const parts = [
    ...(os === undefined ? [] : [os]),
    ...(kernel === undefined ? [] : [`Linux ${kernel}`]),
    ...(cpu === undefined ? [] : [`${cpu.count} × ${cpu.model}`]),
    ...(memory === undefined ? [] : [`${(memory / 2 ** 30).toFixed(1)} GiB`]),
  ];
  return parts.length === 0
    ? {
        check: 'environment',
        state: 'warning',
        message: 'nothing here says what the machine is made of: results will not, either',
        todo: 'measure on Linux, where /proc says it',
      }
    : { check: 'environment', state: 'ok', message: parts.join(', ') };
}

/** Such as `8 × NVIDIA H200, driver 570.124.06`. */
export function acceleratorsInWords({
  devices,
  driver,
}: NonNullable<EnvironmentRecord['accelerators']>): string {
  const counts = new Map<string, number>();
  for (const { name } of devices) counts.set(name, 1 + (counts.get(name) ?? 0));
  const kinds = [...counts].map(([name, count]) => `${count} × ${name}`);
  return `${kinds.join(' and ')}, driver ${driver ?? 'unknown'}`;
}
