import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The parts of `run --json` output that provenance tests read. */
export const sweepOutcome = z.object({
  directory: z.string(),
  rows: z.array(z.record(z.string(), z.unknown())),
});

const rawSchema = z.object({ provenance: z.record(z.string(), z.unknown()) });

/** The raw results of a sweep, with their provenance. */
export async function rawResults(directory: string) {
  const names = await readdir(join(directory, 'raw'));
  return await Promise.all(
    names.map(async (name) => ({
      name,
      ...rawSchema.parse(JSON.parse(await readFile(join(directory, 'raw', name), 'utf8'))),
    })),
  );
}
