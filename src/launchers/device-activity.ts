import type { DeviceReading, Vendor } from '../accelerators/index.ts';
import type { Host } from '../hosts/index.ts';

const answerMs = 10_000;

/**
 * How busy a node's devices are now, in words: what waits inside a collective keeps them at 100 %, what waits for a lock
 * or a download leaves them idle. Undefined where no tool says.
 */
export async function deviceActivity({ tools }: Vendor, host: Host): Promise<string | undefined> {
  for (const tool of tools) {
    const readings = await tool.read(host, answerMs).catch(() => []);
    const said = activityInWords(readings);
    if (said !== undefined) return said;
  }
  return undefined;
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
