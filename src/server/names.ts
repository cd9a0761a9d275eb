import { z } from 'zod';
import { hardwareTitle } from '../derived/hardware-key.ts';
import { engineNames, markers } from '../engines/index.ts';
import { models, modelTitle } from '../identity/index.ts';
import type { KnownGpus } from './documents/point-columns.ts';

/** Titles of keys: all known ones, and all that were measured. */
export const names = z.object({
  models: z.array(z.object({ prefix: z.string(), title: z.string() })),
  /** With each title, the marker of the engine in charts. */
  engines: z.array(z.object({ framework: z.string(), title: z.string(), marker: z.enum(markers) })),
  hardware: z.array(z.object({ hw: z.string(), title: z.string() })),
});

/** The titles of the given keys. */
export function namesOf(
  prefixes: Iterable<string>,
  hardware: Iterable<string>,
  gpus: NamedGpus,
): z.infer<typeof names> {
  return {
    models: unique([...models.map(({ prefix }) => prefix), ...prefixes]).map((prefix) => ({
      prefix,
      title: modelTitle(prefix),
    })),
    engines: engineNames.map((engine) => ({ ...engine })),
    hardware: unique([...gpus.map(({ gpu }) => gpu), ...hardware]).map((hw) => ({
      hw,
      title: hardwareTitle(hw, gpus),
    })),
  };
}

type NamedGpus = readonly (KnownGpus[number] & { readonly name: string })[];

function unique(values: Iterable<string>): string[] {
  return [...new Set(values)].toSorted();
}
