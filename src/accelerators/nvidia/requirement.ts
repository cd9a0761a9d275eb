import { defined } from '../../defined/defined.ts';
import { ask, type Host } from '../../hosts/index.ts';
import type { DeviceFault } from '../vendor.ts';

/** The driver versions of a node, from `nvidia-smi -q`. */
export interface DriverVersions {
  /** The newest CUDA version that the driver supports. */
  readonly cuda?: string;
  readonly driver?: string;
}

/**
 * Explains why a node's driver cannot run an image with these environment variables; undefined if it can, as far as is
 * known.
 */
export async function imageFault(
  env: Readonly<Record<string, string>>,
  host: Host,
): Promise<DeviceFault | undefined> {
  const { NVIDIA_REQUIRE_CUDA: required = '', NVIDIA_DISABLE_REQUIRE: off = '' } = env;
  if (required === '' || /^(?:1|true)$/i.test(off)) return undefined;
  const versions = await ask(host, ['nvidia-smi', '-q'], versionsIn, { timeoutMs: 30_000 });
  if (meets(required, versions)) return undefined;
  const { driver = 'of unknown version', cuda = 'unknown' } = versions;
  return {
    stopsEngines: true,
    message: `the driver ${driver} (CUDA ${cuda}) is too old for the image, which requires ${shown(required)}`,
    todo: 'update the driver of the node, or use an image that is built for an older CUDA',
  };
}

export function versionsIn(report: string): DriverVersions {
  const cuda = /^CUDA Version\s*:\s*(\d[\d.]*)/m.exec(report)?.[1];
  const driver = /^Driver Version\s*:\s*(\d[\d.]*)/m.exec(report)?.[1];
  return defined({ cuda, driver });
}

/**
 * Whether the driver meets a requirement of NVIDIA's container toolkit: spaces separate alternatives, commas separate
 * conditions that must all hold. Unknown conditions, such as the brand of the GPU, count as met.
 */
export function meets(required: string, versions: DriverVersions): boolean {
  return alternatives(required).some((conditions) =>
    conditions.split(',').every((condition) => holds(condition, versions)),
  );
}

function holds(condition: string, versions: DriverVersions): boolean {
  const [, name, operator, wanted = ''] = /^(cuda|driver)(>=|<=|>|<|=|!=)(\d[\d.]*)$/.exec(condition) ?? [];
  const had = name === 'cuda' ? versions.cuda : name === 'driver' ? versions.driver : undefined;
  if (had === undefined) return true;
  const order = compared(had, wanted);
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '=':
      return order === 0;
    default:
      return order !== 0;
  }
}

/** Compares only as many parts as `wanted` has: driver 535.161 is not later than 535. */
function compared(had: string, wanted: string): number {
  const parts = had.split('.').map(Number);
  for (const [index, part] of wanted.split('.').map(Number).entries()) {
    const difference = (parts[index] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}

function alternatives(required: string): string[] {
  return required.split(/\s+/).filter((alternative) => alternative !== '');
}

/** The first alternative is the usual one; the others are for older drivers of certain brands. */
function shown(required: string): string {
  return alternatives(required)[0] ?? required;
}
