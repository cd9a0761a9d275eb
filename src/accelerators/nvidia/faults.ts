import { ask, type Host } from '../../hosts/index.ts';
import type { DeviceFault } from '../vendor.ts';

/** Faults in the output of `nvidia-smi -q` that will make an engine fail. */
export async function nvidiaFaults(host: Host): Promise<readonly DeviceFault[]> {
  return await ask(host, ['nvidia-smi', '-q'], faultsIn, { timeoutMs: 30_000 });
}

/** One device of the report: values by path of headings, such as `Remapped Rows/Pending`. */
type Device = ReadonlyMap<string, string>;

/** The faults of all devices in a report. */
export function faultsIn(report: string): DeviceFault[] {
  return devicesIn(report).flatMap((device, index) => faultsOf(device, `GPU ${index}`));
}

function devicesIn(report: string): Device[] {
  const devices: Map<string, string>[] = [];
  const headings: { readonly indent: number; readonly name: string }[] = [];
  for (const line of report.split('\n')) {
    if (/^GPU [0-9A-Fa-f:.]+\s*$/.test(line)) {
      devices.push(new Map());
      headings.length = 0;
      continue;
    }
    const [, space = '', name = '', value] = /^(\s+)([^:]+?)\s*(?::\s*(.*))?$/.exec(line) ?? [];
    if (name === '') continue;
    while ((headings.at(-1)?.indent ?? -1) >= space.length) headings.pop();
    if (value === undefined) headings.push({ indent: space.length, name });
    else devices.at(-1)?.set([...headings.map((heading) => heading.name), name].join('/'), value.trim());
  }
  return devices;
}

function faultsOf(device: Device, gpu: string): DeviceFault[] {
  const faults: DeviceFault[] = [];
  const uncorrected = [...device].filter(
    ([path, value]) => /^ECC Errors\/Volatile\/.*Uncorrectable/.test(path) && Number(value) > 0,
  );
  if (uncorrected.length > 0) {
    faults.push({
      stopsEngines: false,
      message: `${gpu} has had uncorrectable ECC errors since its last reset`,
      todo: 'reset the GPU or reboot the node; if they recur, replace the GPU',
    });
  }
  if (device.get('Remapped Rows/Pending') === 'Yes') {
    faults.push({
      stopsEngines: false,
      message: `${gpu} has memory rows with pending remapping`,
      todo: 'reset the GPU or reboot the node, which remaps them',
    });
  }
  if (device.get('Remapped Rows/Remapping Failure Occurred') === 'Yes') {
    faults.push({
      stopsEngines: false,
      message: `${gpu} could not remap faulty memory rows`,
      todo: 'replace the GPU',
    });
  }
  const state = device.get('Fabric/State');
  const status = device.get('Fabric/Status');
  if (state === 'In Progress' || state === 'Not Started' || (state === 'Completed' && status !== 'Success')) {
    faults.push({
      stopsEngines: true,
      message: `${gpu} has not joined the NVLink fabric (${[state, status].filter(Boolean).join(', ')})`,
      todo: 'systemctl restart nvidia-fabricmanager; its version must match the driver',
    });
  }
  const action = device.get('GPU Recovery Action');
  if (action !== undefined && !/^(?:None|N\/A)$/.test(action)) {
    faults.push({
      stopsEngines: true,
      message: `${gpu} asks for a recovery: ${action}`,
      todo: 'do that, or reboot the node',
    });
  }
  return faults;
}
