import { acceleratorUse, vendorNamed, whatIsBusy, whatIsUnknown } from '../accelerators/index.ts';
import { attempt, type Finding } from '../finding.ts';
import { freeBytesAt, type Host } from '../hosts/index.ts';
import { type EnvironmentRecord, environmentOf } from '../telemetry/index.ts';
import { examineLimits } from './node-limits.ts';
import { examineLoad } from './node-load.ts';
import { canListen } from './port.ts';
import type { LauncherSettings } from './settings.ts';

/** Doctor checks for a node on which any launcher runs engines: hardware facts, devices, disk and port. */
export async function examineNode(
  settings: LauncherSettings,
  host: Host,
  file: string,
): Promise<readonly Finding[]> {
  const environment = await environmentOf(host);
  return [
    // For this machine both are reported once for all pools.
    ...(host.isThisMachine
      ? []
      : [environmentFinding(environment), ...(await examineLoad(host, environment))]),
    ...(await examineAccelerators(settings, host, environment, file)),
    ...(await examineLimits(settings, host)),
    ...(await examineDisk(settings, host, file)),
    ...(host.isThisMachine ? await examinePort(settings) : []),
  ];
}

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
        message: "the machine's hardware is unknown, so results will not contain it",
        todo: 'measure on Linux, which reports it in /proc',
      }
    : { check: 'environment', state: 'ok', message: parts.join(', ') };
}

/** For example `8 × NVIDIA H200, driver 570.124.06`. */
export function acceleratorsInWords({
  devices,
  driver,
}: NonNullable<EnvironmentRecord['accelerators']>): string {
  const counts = new Map<string, number>();
  for (const { name } of devices) counts.set(name, 1 + (counts.get(name) ?? 0));
  const kinds = [...counts].map(([name, count]) => `${count} × ${name}`);
  return `${kinds.join(' and ')}, driver ${driver ?? 'unknown'}`;
}

/** Checks that a node has the accelerators that its pool declares, and that they are idle. */
async function examineAccelerators(
  settings: LauncherSettings,
  host: Host,
  { accelerators: recorded }: EnvironmentRecord,
  file: string,
): Promise<readonly Finding[]> {
  const vendor = vendorNamed(settings.accelerator);
  if (!vendor.hasDevices) return [];
  return await attempt('accelerators', `install the driver, or correct accelerator in ${file}`, async () => {
    const found = await acceleratorUse(vendor, host);
    const wanted = settings['accelerators-per-node'];
    const busy = whatIsBusy(found);
    const findings: Finding[] = [];
    if (found.devices.length !== wanted) {
      findings.push({
        check: 'accelerators',
        state: 'problem',
        message: `${found.devices.length} accelerators, and the pool says ${wanted}`,
        todo: `check the missing ones, or correct accelerators-per-node in ${file}`,
      });
    } else if (recorded?.vendor === vendor.name) {
      findings.push({ check: 'accelerators', state: 'ok', message: acceleratorsInWords(recorded) });
    } else {
      findings.push({
        check: 'accelerators',
        state: 'warning',
        message: `${wanted} accelerators without names, so results will not contain them`,
        todo: 'update the driver’s tools',
      });
    }
    const unknown = whatIsUnknown(found);
    if (unknown.length > 0)
      findings.push({
        check: 'accelerators',
        state: 'warning',
        message: `whether they are idle is unknown: ${unknown.join('; ')}`,
        todo: 'check for engines of other users and containers before a measurement',
      });
    else
      findings.push(
        busy.length === 0
          ? { check: 'accelerators', state: 'ok', message: 'idle' }
          : {
              check: 'accelerators',
              state: 'problem',
              message: `busy: ${busy.join('; ')}`,
              todo: `ask their owner; a session waits for them up to ${settings['idle-timeout-s']} s and never kills them`,
            },
      );
    return findings;
  });
}

async function examineDisk(
  settings: LauncherSettings,
  host: Host,
  file: string,
): Promise<readonly Finding[]> {
  const folder = settings['hf-hub-cache'];
  if (folder === undefined) return [];
  return await attempt('disk', 'create the folder, or correct hf-hub-cache', async () => {
    const { code } = await host.run(['test', '-d', folder]);
    if (code !== 0)
      return [
        {
          check: 'disk',
          state: 'warning',
          message: `there is no folder ${folder} for weights, so every engine would download them`,
          todo: `create the folder, or correct hf-hub-cache in ${file}`,
        },
      ];
    const freeGb = (await freeBytesAt(host, folder)) / 1e9;
    const needed = settings['disk-space-gb'];
    const message = `${freeGb.toFixed(1)} GB free for weights in ${folder}`;
    return [
      freeGb >= needed
        ? { check: 'disk', state: 'ok', message }
        : {
            check: 'disk',
            state: 'warning',
            message: `${message}; an image and weights that are not downloaded yet need ${needed} GB`,
            todo: 'delete weights that are no longer measured',
          },
    ];
  });
}

async function examinePort({ host, port }: LauncherSettings): Promise<readonly Finding[]> {
  const free = await canListen(host, port).catch(() => false);
  return [
    free
      ? { check: 'port', state: 'ok', message: `port ${port} is free` }
      : {
          check: 'port',
          state: 'problem',
          message: `port ${port} on ${host} is taken`,
          todo: `stop its process (ss -ltnp 'sport = :${port}'), or choose another with --port`,
        },
  ];
}

/** Checks that the variables passed on to engines are set. */
export function examineSecrets({ secrets }: LauncherSettings): Finding[] {
  return secrets.map((name) =>
    (process.env[name] ?? '') === ''
      ? {
          check: 'secrets',
          state: 'warning',
          message: `${name} is not set`,
          todo: 'set it if engines must download gated weights',
        }
      : { check: 'secrets', state: 'ok', message: `${name} is set` },
  );
}
