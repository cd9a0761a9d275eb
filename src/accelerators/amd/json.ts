import { z } from 'zod';

/** Bytes in what amd-smi calls a MB: it divides by 1024 twice. */
export const amdMegabyte = 1024 ** 2;

/** `{"value": 142, "unit": "W"}`, or the bare number of older versions; `"N/A"` means unknown. */
export const amdValue = z
  .union([z.number(), z.object({ value: z.number() }).transform(({ value }) => value)])
  .optional()
  .catch(undefined);

/**
 * Parses the output of `amd-smi … --json` per GPU: a list, or an object with the list in it, depending on the version.
 */
export function amdGpus<Gpu extends z.ZodType>(gpu: Gpu, output: string): z.output<Gpu>[] {
  const list = z.array(gpu);
  return z
    .union([list, z.object({ gpu_data: list }).transform(({ gpu_data }) => gpu_data)])
    .parse(jsonAfterWarnings(output));
}

/** Parses the JSON output of an AMD tool; warnings may come before it. */
export function jsonAfterWarnings(output: string): unknown {
  return JSON.parse(output.slice(Math.max(0, output.search(/^[[{]/m))));
}
