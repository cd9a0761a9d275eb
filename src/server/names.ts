import { z } from 'zod';
import { hardwareTitle } from '../derived/hardware-key.ts';
import { engineNames, markers } from '../engines/index.ts';
import { models, modelTitle } from '../identity/index.ts';
import type { KnownGpus } from './documents/point-columns.ts';

/** What keys are called for people: all that are known, and whatever else was measured. */
export const names = z.object({
  models: z.array(z.object({ prefix: z.string(), title: z.string() })),
  /** The shape by which charts mark each engine stands beside its title. */
  engines: z.array(z.object({ framework: z.string(), title: z.string(), marker: z.enum(markers) })),
  hardware: z.array(z.object({ hw: z.string(), title: z.string() })),
});

/** The names of what is there. */
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
