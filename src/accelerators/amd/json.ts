import { z } from 'zod';

/** Bytes of what amd-smi calls MB: it divides by 1024 twice. */
export const amdMegabyte = 1024 ** 2;

/** `{"value": 142, "unit": "W"}`, or the bare number of older versions; `"N/A"` is unknown. */
export const amdValue = z
  .union([z.number(), z.object({ value: z.number() }).transform(({ value }) => value)])
  .optional()
  .catch(undefined);

/** What `amd-smi … --json` says of each GPU: a list, or an object with the list in it, by versions of the tool. */
export function amdGpus<Gpu extends z.ZodType>(gpu: Gpu, output: string): z.output<Gpu>[] {
  const list = z.array(gpu);
  return z
    .union([list, z.object({ gpu_data: list }).transform(({ gpu_data }) => gpu_data)])
    .parse(jsonAfterWarnings(output));
}

/** What a tool of AMD's printed as JSON; warnings may stand before it. */
export function jsonAfterWarnings(output: string): unknown {
  return JSON.parse(output.slice(Math.max(0, output.search(/^[[{]/m))));
}
