/** How much of a node's accelerators is taken, and by whom; a process that holds several may be listed for each. */
export interface AcceleratorUse {
  readonly devices: readonly {
    readonly index: number;
    /** Undefined if the device does not say. */
    readonly memoryUsedMib: number | undefined;
    readonly memoryTotalMib: number | undefined;
  }[];
  readonly processes: readonly DeviceProcess[];
}

/** A process that holds a device, as the vendor's tool shows it. */
export interface DeviceProcess {
  readonly pid: number;
  readonly name: string;
  /** Undefined if the tool does not say, as for processes of other users. */
  readonly memoryMib: number | undefined;
}

/** Drivers keep some memory of an idle device for themselves. */
const idleMemoryShare = 0.03;

/** Who or what keeps devices busy, in words; empty if they are idle. */
export function whatIsBusy({ devices, processes }: AcceleratorUse): string[] {
  if (processes.length > 0) {
    return [...byPid(processes).values()].map(({ pid, name, memoryMib }) => {
      const held = memoryMib === undefined ? 'an unknown amount of memory' : gib(memoryMib);
      return `process ${pid} (${name}) holds ${held}`;
    });
  }
  // Processes of other containers are not listed, but their memory is.
  return devices.flatMap(({ index, memoryUsedMib: used, memoryTotalMib: total }) =>
    used !== undefined && total !== undefined && used > idleMemoryShare * total
      ? [`GPU ${index} has ${gib(used)} in use by no listed process`]
      : [],
  );
}

/** Devices of which nobody knows whether they are free, in words: no process is listed, and how much is in use is not said. */
export function whatIsUnknown({ devices, processes }: AcceleratorUse): string[] {
  if (processes.length > 0) return [];
  return devices.flatMap(({ index, memoryUsedMib, memoryTotalMib }) =>
    memoryUsedMib === undefined || memoryTotalMib === undefined
      ? [`GPU ${index} does not report its memory use`]
      : [],
  );
}

/** Each process once, with the memory that it holds of all devices. */
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
