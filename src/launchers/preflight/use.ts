/** How much of a node's accelerators is taken, and by whom; a process that holds several may be listed for each. */
export interface AcceleratorUse {
  readonly devices: readonly {
    readonly index: number;
    readonly memoryUsedMib: number;
    readonly memoryTotalMib: number;
  }[];
  readonly processes: readonly DeviceProcess[];
}

/** A process that holds a device, as the vendor's tool shows it. */
export interface DeviceProcess {
  readonly pid: number;
  readonly name: string;
  readonly memoryMib: number;
}
