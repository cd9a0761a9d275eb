import { z } from 'zod';

/** A figure with where it comes from. */
const sourced = z.object({ value: z.number(), source: z.string() });

/** What one GPU costs and draws, and what its vendor says of it. A figure that is not known is not there. */
export const gpuConstants = z.object({
  gpu: z.string(),
  name: z.string(),
  vendor: z.string(),
  /** Power of the GPU with its share of host, network and cooling, kW. */
  allInPowerKw: sourced,
  /** $ per GPU and hour by who pays. */
  usdPerGpuHour: z.object({ hyperscaler: sourced, neocloud: sourced, rental: sourced }),
  specs: z.object({
    memoryGb: sourced.optional(),
    memoryBandwidthTbPerS: sourced.optional(),
    /** Dense, without sparsity. */
    denseBf16Tflops: sourced.optional(),
    denseFp8Tflops: sourced.optional(),
    denseFp4Tflops: sourced.optional(),
    tdpW: sourced.optional(),
    /** To the other GPUs of its node or domain, both directions. */
    scaleUpBandwidthGbPerS: sourced.optional(),
    scaleUpGpus: sourced.optional(),
  }),
});

/** `hardware`: constants per GPU, and every hardware key that was measured with the GPU it is. */
export const hardwareDocument = z.object({
  gpus: z.array(gpuConstants),
  measured: z.array(
    z.object({
      hw: z.string(),
      /** null: no constants are known for this key, so it has no cost and no power figures. */
      gpu: z.string().nullable(),
      points: z.int().nonnegative(),
      lastMeasuredAt: z.iso.datetime(),
    }),
  ),
});
