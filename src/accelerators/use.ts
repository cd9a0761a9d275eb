/** Memory use and processes of a node's accelerators. A process that holds several may be listed once per device. */
export interface AcceleratorUse {
  readonly devices: readonly {
    readonly index: number;
    /** Undefined if the device does not report it. */
    readonly memoryUsedMib: number | undefined;
    readonly memoryTotalMib: number | undefined;
  }[];
  readonly processes: readonly DeviceProcess[];
}

/** A process that holds a device, as the vendor's tool lists it. */
export interface DeviceProcess {
  readonly pid: number;
  readonly name: string;
  /** Undefined if the tool does not report it, as for processes of other users. */
  readonly memoryMib: number | undefined;
}

/** Drivers reserve some memory even on an idle device. */
const idleMemoryShare = 0.03;

/** Describes what keeps devices busy; empty if they are idle. */
export function whatIsBusy({ devices, processes }: AcceleratorUse): string[] {
  if (processes.length > 0) {
    return [...byPid(processes).values()].map(({ pid, name, memoryMib }) => {
      const held = memoryMib === undefined ? 'an unknown amount of memory' : gib(memoryMib);
      return `process ${pid} (${name}) holds ${held}`;
    });
  }
  // Processes in other containers are not listed, but their memory is.
  return devices.flatMap(({ index, memoryUsedMib: used, memoryTotalMib: total }) =>
    used !== undefined && total !== undefined && used > idleMemoryShare * total
      ? [`GPU ${index} has ${gib(used)} in use by no listed process`]
      : [],
  );
}

/** Describes devices that may or may not be idle: no process is listed, and the memory use is not reported. */
export function whatIsUnknown({ devices, processes }: AcceleratorUse): string[] {
  if (processes.length > 0) return [];
  return devices.flatMap(({ index, memoryUsedMib, memoryTotalMib }) =>
    memoryUsedMib === undefined || memoryTotalMib === undefined
      ? [`GPU ${index} does not report its memory use`]
      : [],
  );
}

/** Merges the entries of each process and adds up its memory on all devices. */
function byPid(processes: readonly DeviceProcess[]): Map<number, DeviceProcess> {
  const found = new Map<number, DeviceProcess>();
  for (const process of processes) {
    const before = found.get(process.pid);
    const memoryMib = before === undefined ? process.memoryMib : sum(before.memoryMib, process.memoryMib);
    found.set(process.pid, { ...process, memoryMib });
  }
  return found;
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function gib(valueMib: number): string {
  return `${(valueMib / 1024).toFixed(1)} GiB`;
}
