import { join } from 'node:path';
import { z } from 'zod';
import { onFirstUse } from '../on-first-use.ts';
import { packageRoot } from '../package-root.ts';
import { readYamlAs } from './yaml-file.ts';

const schemas = onFirstUse(() => {
  /** A figure and its source. */
  const sourced = z.strictObject({ value: z.number().positive(), source: z.string().min(1) });

  /** The same for figures that change, with their month, such as `2026-08`. */
  const dated = sourced.extend({
    asOf: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'expected a month, such as 2026-08'),
  });

  /** The newest value of a figure, and the earlier ones, newest first. */
  const current = dated.extend({ before: z.array(dated) });

  /** The values of a figure in the file, newest first. */
  const history = z
    .array(dated)
    .min(1)
    .refine(
      (values) => values.every(({ asOf }, index) => index === 0 || asOf < (values[index - 1]?.asOf ?? '')),
      'expected each month once, the newest first',
    )
    .transform(([newest, ...before]) => ({ ...newest, before }))
    .pipe(current);

  const constantsWith = <Figure extends z.ZodType>(changing: Figure) => ({
    name: z.string().min(1),
    vendor: z.string().min(1),
    /** Power of the GPU with its share of host, network and cooling, kW. */
    allInPowerKw: changing.optional(),
    /** $ per GPU and hour: owned at a hyperscaler's or a neocloud's scale, or rented for three years. */
    usdPerGpuHour: z.strictObject({
      hyperscaler: changing.optional(),
      neocloud: changing.optional(),
      rental: changing.optional(),
    }),
    /** The vendor's specification; uncertain figures are left out. */
    specs: z.strictObject({
      memoryGb: sourced.optional(),
      memoryBandwidthTbPerS: sourced.optional(),
      /** Without sparsity, like all rates here. */
      denseBf16Tflops: sourced.optional(),
      denseFp8Tflops: sourced.optional(),
      denseFp4Tflops: sourced.optional(),
      tdpW: sourced.optional(),
      /** Bandwidth to the other GPUs of its scale-up domain, sum of both directions. */
      scaleUpBandwidthGbPerS: sourced.optional(),
      /** Number of GPUs in that domain. */
      scaleUpGpus: sourced.optional(),
    }),
  });

  const file = z.strictObject({
    sources: z.array(z.string().min(1)),
    gpus: z.record(
      z.string().regex(/^[a-z0-9]+$/, 'a GPU name has lower-case letters and digits'),
      z.strictObject(constantsWith(history)),
    ),
  });
  return { file, gpu: z.strictObject({ gpu: z.string(), ...constantsWith(current) }) };
});

/** The schema of hardware/gpus.yaml: constants by GPU; `sources` only holds the texts that figures refer to. */
export const gpuConstantsSchema = () => schemas().file;

/** The constants of one GPU. */
export const gpuConstants = () => schemas().gpu;

export type GpuConstants = z.output<ReturnType<typeof gpuConstants>>;

/** Loads the constants that come with the product; throws InputError with every problem of the file. */
export async function loadGpuConstants(file: string = gpuConstantsFile): Promise<GpuConstants[]> {
  const { data } = await readYamlAs(file, gpuConstantsSchema());
  return Object.entries(data.gpus).map(([gpu, known]) => ({ gpu, ...known }));
}

export const gpuConstantsFile = join(packageRoot, 'hardware', 'gpus.yaml');
