import { z } from 'zod';
import { gpuConstants } from '../../config/index.ts';
import { shownShapes, shows } from '../knowledge.ts';
import { documentKind, theOne } from './document.ts';
import { gpuNamed } from './point-columns.ts';

/** `hardware`: constants per GPU, and every measured or scored hardware key with its GPU. */
export const hardwareDocument = z.object({
  gpus: z.array(gpuConstants()),
  measured: z.array(
    z.object({
      hw: z.string(),
      /** Null if no constants are known for this key; it then has no cost and power figures. */
      gpu: z.string().nullable(),
      /** Number of latest points. */
      points: z.int().nonnegative(),
      /** When its newest point was measured; null if it only has scores. */
      lastMeasuredAt: z.iso.datetime().nullable(),
      /** When its newest accuracy score was measured, of any model; null without one. */
      lastScoredAt: z.iso.datetime().nullable(),
    }),
  ),
});

export const hardwareKind = documentKind({
  path: 'hardware',
  summary:
    'Cost, power and peak rates of each GPU, with sources, and when each hardware key was last measured and scored.',
  schema: hardwareDocument,
  all: theOne,
  build: async (knowledge) => {
    const [shapes, scored] = await Promise.all([shownShapes(knowledge), knowledge.store.lastScored()]);
    const byHardware = Map.groupBy(shapes, ({ hw }) => hw);
    const all = [...new Set([...byHardware.keys(), ...scored.keys()])].toSorted();
    return {
      gpus: [...knowledge.gpus],
      measured: all
        .filter((hw) => shows(knowledge, hw))
        .map((hw) => {
          const groups = byHardware.get(hw) ?? [];
          return {
            hw,
            gpu: gpuNamed(hw, knowledge.gpus),
            points: groups.reduce((sum, { points }) => sum + points, 0),
            lastMeasuredAt:
              groups
                .map(({ newestAt }) => newestAt)
                .toSorted()
                .at(-1) ?? null,
            lastScoredAt: scored.get(hw) ?? null,
          };
        }),
    };
  },
});
