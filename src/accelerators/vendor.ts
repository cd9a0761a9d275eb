import type { Host } from '../hosts/index.ts';
import type { AcceleratorUse } from './use.ts';

/** What a node's accelerators are. */
export interface Identification {
  readonly driver?: string;
  readonly devices: { readonly name: string; readonly memory_bytes?: number }[];
}

/** What a device did at one moment; what it does not say is undefined or NaN. */
export interface DeviceReading {
  readonly index: number;
  readonly powerW?: number | undefined;
  /** Share of time that the device was busy, 0 to 1. */
  readonly utilization?: number | undefined;
  readonly memoryUsedBytes?: number | undefined;
  readonly clockMhz?: number | undefined;
  readonly temperatureC?: number | undefined;
}

/** A vendor's program that says something about the devices of a node. */
export interface AcceleratorTool {
  /** The program, whose name is also that of its source of telemetry. */
  readonly program: string;
  /** What the devices are. Throws HostFailure if the tool does not say. */
  identify(host: Host, timeoutMs: number): Promise<Identification>;
  /** How much of the devices is taken and by whom. Throws HostFailure if the tool does not say. */
  use(host: Host): Promise<AcceleratorUse>;
  /** What the devices do now. Throws HostFailure if the tool does not say. */
  read(host: Host, timeoutMs: number): Promise<readonly DeviceReading[]>;
}

/** What is wrong with the devices of a node, or will be. */
export interface DeviceFault {
  /** No engine would start with it; otherwise it is a sign of what may come. */
  readonly stopsEngines: boolean;
  /** Engines do not see the devices because of it, although the vendor's tools do. */
  readonly hidesDevices?: true;
  readonly message: string;
  readonly todo: string;
}

/** A vendor of accelerators: everything that the product knows about its devices. */
export interface Vendor {
  /** As pools write it in `accelerator` and results in `vendor`. */
  readonly name: string;
  /** Whether nodes of this kind have devices at all. */
  readonly hasDevices: boolean;
  /** The newest first; the first that answers is believed. */
  readonly tools: readonly AcceleratorTool[];
  /** Variables that keep a process from seeing some of the devices. */
  readonly visibleDevices: readonly string[];
  /** What is wrong with the devices although they are there. Throws HostFailure if nothing says. */
  readonly faults?: (host: Host) => Promise<readonly DeviceFault[]>;
  /** What keeps the node's driver from running an image with such an environment. Throws HostFailure if nothing says. */
  readonly imageFault?: (
    env: Readonly<Record<string, string>>,
    host: Host,
  ) => Promise<DeviceFault | undefined>;
  /** What a container needs to see the devices. */
  readonly containers: {
    /** Arguments of `docker run`. */
    readonly flags: readonly string[];
    /** Numbers of the groups of a node that may open its devices; throws HostFailure if the node cannot be asked. */
    readonly deviceGroups?: (host: Host) => Promise<readonly number[]>;
    /** The container runtime that they name, and how to install it. */
    readonly runtime?: { readonly name: string; readonly todo: string };
  };
}
