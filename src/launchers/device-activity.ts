import type { DeviceReading, Vendor } from '../accelerators/index.ts';
import type { Host } from '../hosts/index.ts';

const answerMs = 10_000;

/**
 * Describes how busy the devices of an engine are. Processes that wait in a collective keep them at 100 %; processes
 * that wait for a lock or a download leave them idle. Undefined if no tool reports it.
 * @param env The engine's environment, which may hide some of the devices from it.
 */
export async function deviceActivity(
  vendor: Vendor,
  nodes: readonly { readonly name: string; readonly host: Host }[],
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const visible = visibleDevices(vendor, env);
  const told = await Promise.all(
    nodes.map(async ({ name, host }) => {
      const said = await activityOf(vendor, host, visible);
      return said === undefined || nodes.length === 1 ? said : `on ${name} ${said}`;
    }),
  );
  const known = told.filter((said) => said !== undefined);
  return known.length === 0 ? undefined : known.join(', ');
}

async function activityOf(
  { tools }: Vendor,
  host: Host,
  visible: ReadonlySet<number> | undefined,
): Promise<string | undefined> {
  for (const tool of tools) {
    const readings = await tool
      .reader(host)(answerMs)
      .catch(() => []);
    const own = readings.filter(({ index }) => visible?.has(index) ?? true);
    const said = activityInWords(own);
    if (said !== undefined) return said;
  }
  return undefined;
}

/** The indexes of the devices that an engine may use; undefined if it may use all of them. */
function visibleDevices(
  { visibleDevices: names }: Vendor,
  env: Readonly<Record<string, string>>,
): ReadonlySet<number> | undefined {
  const named = names.map((name) => env[name] ?? '').find((list) => /^\d+(?:,\d+)*$/.test(list));
  return named === undefined ? undefined : new Set(named.split(',').map(Number));
}

export function activityInWords(readings: readonly DeviceReading[]): string | undefined {
  const shares = readings.flatMap(({ utilization }) =>
    utilization === undefined || Number.isNaN(utilization) ? [] : [`${Math.round(100 * utilization)} %`],
  );
  if (shares.length === 0 || shares.length < readings.length) return undefined;
  const [first] = shares;
  const isSame = shares.every((share) => share === first);
  if (shares.length === 1) return `its GPU is ${first} busy`;
  return isSame ? `all ${shares.length} GPUs are ${first} busy` : `its GPUs are busy: ${shares.join(', ')}`;
}
