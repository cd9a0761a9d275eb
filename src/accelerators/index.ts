import { type Host, HostFailure } from '../hosts/index.ts';
import { vendors } from './list.ts';
import type { AcceleratorUse } from './use.ts';
import type { Identification, Vendor } from './vendor.ts';

export { vendors } from './list.ts';
export { none as noAccelerators } from './none.ts';
export { type AcceleratorUse, whatIsBusy, whatIsUnknown } from './use.ts';
export type {
  AcceleratorTool,
  DeviceFault,
  DeviceReader,
  DeviceReading,
  Identification,
  Vendor,
} from './vendor.ts';

/** The vendor with a name from a validated pool. */
export function vendorNamed(name: string): Vendor {
  const vendor = vendors.find((each) => each.name === name);
  if (vendor === undefined) throw new Error(`unknown accelerator vendor ${name}`);
  return vendor;
}

/** Identifies a node's accelerators with the first vendor tool that answers; undefined if none does. */
export async function identifyAccelerators(
  host: Host,
  timeoutMs: number,
): Promise<(Identification & { readonly vendor: string }) | undefined> {
  for (const { name: vendor, tools } of vendors) {
    for (const tool of tools) {
      const found = await tool.identify(host, timeoutMs).catch(() => undefined);
      if (found !== undefined && found.devices.length > 0) return { vendor, ...found };
    }
  }
  return undefined;
}

/** Memory use and processes on a node's accelerators. Throws HostFailure if no tool of the vendor answers. */
export async function acceleratorUse({ name, tools }: Vendor, host: Host): Promise<AcceleratorUse> {
  const failures: HostFailure[] = [];
  for (const tool of tools) {
    try {
      return await tool.use(host);
    } catch (error) {
      if (!(error instanceof HostFailure)) throw error;
      failures.push(error);
    }
  }
  const kind = kindOf(failures.map((failure) => failure.kind));
  const message = failures.map((failure) => failure.message).join('; ');
  const output = failures.map((failure) => failure.output).join('\n');
  throw new HostFailure(kind, message, { command: tools[0]?.program ?? name, output });
}

function kindOf(kinds: readonly HostFailure['kind'][]): HostFailure['kind'] {
  if (kinds.includes('late')) return 'late';
  return kinds.every((kind) => kind === 'unreachable') ? 'unreachable' : 'failed';
}
