import { z } from 'zod';
import { gpuConstants } from '../../config/index.ts';
import { shownShapes } from '../knowledge.ts';
import { documentKind, theOne } from './document.ts';
import { gpuNamed } from './point-columns.ts';

/** `hardware`: constants per GPU, and every measured hardware key with its GPU. */
export const hardwareDocument = z.object({
  gpus: z.array(gpuConstants()),
  measured: z.array(
    z.object({
      hw: z.string(),
      /** Null if no constants are known for this key; it then has no cost and power figures. */
      gpu: z.string().nullable(),
      /** Number of latest points. */
      points: z.int().nonnegative(),
      lastMeasuredAt: z.iso.datetime(),
    }),
  ),
});

export const hardwareKind = documentKind({
  path: 'hardware',
  summary: 'Cost, power and peak rates of each GPU, with sources, and which hardware keys were measured.',
  schema: hardwareDocument,
  all: theOne,
  build: async (knowledge) => {
    const byHardware = Map.groupBy(await shownShapes(knowledge), ({ hw }) => hw);
    return {
      gpus: [...knowledge.gpus],
      measured: [...byHardware].map(([hw, groups]) => ({
        hw,
        gpu: gpuNamed(hw, knowledge.gpus),
        points: groups.reduce((sum, { points }) => sum + points, 0),
        lastMeasuredAt:
          groups
            .map(({ newestAt }) => newestAt)
            .toSorted()
            .at(-1) ?? '',
      })),
    };
  },
});
