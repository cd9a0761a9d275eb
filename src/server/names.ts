import { z } from 'zod';
import { engineNames, markers } from '../engines/index.ts';
import { models, modelTitle } from '../identity/index.ts';
import { gpuNamed, type KnownGpus } from './documents/point-columns.ts';

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

/** The GPU's name, with what else the key says of the pool; the key itself where it names no known GPU. */
function hardwareTitle(hw: string, gpus: NamedGpus): string {
  const gpu = gpuNamed(hw, gpus);
  const name = gpus.find((one) => one.gpu === gpu)?.name;
  if (gpu === null || name === undefined) return hw === 'cpu' ? 'CPU' : hw;
  const rest = hw.slice(gpu.length).replaceAll(/[-_]+/g, ' ').trim();
  return rest === '' ? name : `${name}, ${rest}`;
}

function unique(values: Iterable<string>): string[] {
  return [...new Set(values)].toSorted();
}
