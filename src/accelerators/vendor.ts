import type { Host } from '../hosts/index.ts';
import type { AcceleratorUse } from './use.ts';

/** The accelerators of a node. */
export interface Identification {
  readonly driver?: string;
  readonly devices: {
    readonly name: string;
    readonly memory_bytes?: number;
    /** The power limit that the driver enforces, and the highest clock without it. */
    readonly power_limit_w?: number;
    readonly max_clock_mhz?: number;
  }[];
}

/** A sample of a device; unreported values are undefined or NaN. */
export interface DeviceReading {
  readonly index: number;
  readonly powerW?: number | undefined;
  /** Share of time that the device was busy, 0 to 1. */
  readonly utilization?: number | undefined;
  readonly memoryUsedBytes?: number | undefined;
  readonly clockMhz?: number | undefined;
  readonly temperatureC?: number | undefined;
  /** The power limit that the driver enforces. */
  readonly powerLimitW?: number | undefined;
  /** The device's own energy counter, joules since some start. */
  readonly energyJ?: number | undefined;
  /** 1 if the clock is lowered now to stay below the power limit, else 0. */
  readonly powerCapped?: number | undefined;
  /** 1 if the clock is lowered now because of heat, else 0. */
  readonly thermallySlowed?: number | undefined;
}

/** Samples the devices of a node. Throws HostFailure if the tool fails. */
export type DeviceReader = (timeoutMs: number) => Promise<readonly DeviceReading[]>;

/** A vendor's command-line tool. */
export interface AcceleratorTool {
  /** The program; its telemetry source has the same name. */
  readonly program: string;
  /** Identifies the devices. Throws HostFailure if the tool fails. */
  identify(host: Host, timeoutMs: number): Promise<Identification>;
  /** Memory use and processes of the devices. Throws HostFailure if the tool fails. */
  use(host: Host): Promise<AcceleratorUse>;
  /** What samples the devices of a node; it may remember which values this version of the tool can report. */
  reader(host: Host): DeviceReader;
}

/** A fault of a node's devices, or a sign of one. */
export interface DeviceFault {
  /** Whether no engine can start with it; otherwise it is an early warning. */
  readonly stopsEngines: boolean;
  /** It hides the devices from engines, although the vendor's tools see them. */
  readonly hidesDevices?: true;
  readonly message: string;
  readonly todo: string;
}

/** A vendor of accelerators, with everything specific to its devices. */
export interface Vendor {
  /** Its name in `accelerator` of pools and in `vendor` of results. */
  readonly name: string;
  /** Whether nodes of this kind have any devices. */
  readonly hasDevices: boolean;
  /** Newest first; the first that answers is used. */
  readonly tools: readonly AcceleratorTool[];
  /** Environment variables that hide devices from a process. */
  readonly visibleDevices: readonly string[];
  /** Faults of devices that are present. Throws HostFailure if no tool reports them. */
  readonly faults?: (host: Host) => Promise<readonly DeviceFault[]>;
  /**
   * Explains why the node's driver cannot run an image with these environment variables. Throws HostFailure if the
   * driver's version is unknown.
   */
  readonly imageFault?: (
    env: Readonly<Record<string, string>>,
    host: Host,
  ) => Promise<DeviceFault | undefined>;
  /** What a container needs to see the devices. */
  readonly containers: {
    /** Arguments of `docker run`. */
    readonly flags: readonly string[];
    /** Ids of the node's groups with access to its devices; throws HostFailure if the node cannot be queried. */
    readonly deviceGroups?: (host: Host) => Promise<readonly number[]>;
    /** The container runtime that the flags name, and how to install it. */
    readonly runtime?: { readonly name: string; readonly todo: string };
  };
}
