import { z } from 'zod';
import { gpuConstants } from '../../config/index.ts';

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
