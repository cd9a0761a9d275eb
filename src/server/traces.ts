import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { rawSchema } from './documents/raw-facts.ts';
import type { Knowledge } from './knowledge.ts';
import { publicName } from './privacy.ts';
import { openBelow } from './run-files.ts';

/** The folder of a run directory in which a sweep keeps traces. */
const folder = 'profiles';

/** A trace of an engine's profiler, and where this server offers it. */
export interface OfferedTrace {
  readonly name: string;
  /** Relative to the page; null if it cannot be downloaded here. */
  readonly url: string | null;
}

/** The path of a trace in the API. */
export const tracePath = '/api/v1/points/{id}/traces/{name}';

/** The traces of a measurement. */
export async function tracesOf(
  { store, offersTraces }: Knowledge,
  id: string,
  names: readonly string[],
): Promise<OfferedTrace[]> {
  const location = names.length > 0 && offersTraces === true ? await store.runDirectory(id) : undefined;
  return await Promise.all(
    names.map(async (name) => {
      const isHere = location != null && (await isReadable(location, name));
      const path = tracePath
        .replace('{id}', encodeURIComponent(id))
        .replace('{name}', encodeURIComponent(name));
      return { name: publicName(name), url: isHere ? path.slice(1) : null };
    }),
  );
}

/** Opens a trace that a measurement names; undefined if this server does not offer it. */
export async function openTrace(
  { store, offersTraces }: Knowledge,
  id: string,
  name: string,
): Promise<FileHandle | undefined> {
  if (offersTraces !== true) return undefined;
  const measurement = await store.measurement(id);
  if (measurement === undefined || !rawSchema.parse(measurement.raw).profile_files.includes(name))
    return undefined;
  const location = await store.runDirectory(id);
  return location == null ? undefined : await openBelow(location, join(folder, name)).catch(() => undefined);
}

async function isReadable(location: string, name: string): Promise<boolean> {
  const handle = await openBelow(location, join(folder, name)).catch(() => undefined);
  await handle?.close();
  return handle !== undefined;
}
