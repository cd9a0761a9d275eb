import { acceleratorUse, vendorNamed, whatIsBusy } from '../../accelerators/index.ts';
import { attempt, type Finding } from '../../finding.ts';
import type { Host } from '../../hosts/index.ts';
import type { EnvironmentRecord } from '../../telemetry/index.ts';
import type { DockerSettings, LocalSettings } from '../pool-settings.ts';
import { acceleratorsInWords } from './environment.ts';

/** Whether a node has the accelerators that its pool says, and whether they are idle. */
export async function examineAccelerators(
  settings: LocalSettings | DockerSettings,
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
        todo: `look at the missing ones, or correct accelerators-per-node in ${file}`,
      });
    } else if (recorded?.vendor === vendor.name) {
      findings.push({ check: 'accelerators', state: 'ok', message: acceleratorsInWords(recorded) });
    } else {
      findings.push({
        check: 'accelerators',
        state: 'warning',
        message: `${wanted} accelerators, whose names are not told: results will not have them`,
        todo: 'update the driver’s tools',
      });
    }
    findings.push(
      busy.length === 0
        ? { check: 'accelerators', state: 'ok', message: 'idle' }
        : {
            check: 'accelerators',
            state: 'problem',
            message: `busy: ${busy.join('; ')}`,
            todo: `ask their owner; a session waits for them up to ${settings['idle-timeout-s']} s and never ends them`,
          },
    );
    return findings;
  });
}
