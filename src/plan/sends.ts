import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { isReplayed, scenarioField } from '../identity/index.ts';
import { kindOfScenario, loadKinds, sendingLength } from '../workload/index.ts';
import type { Point } from './recipe.ts';

/** How much the workload of a point sends. */
export const sendsSchema = z.object({
  requests: z.int().positive().exactOptional().describe('absent if only the data set or the time ends it'),
  seconds: z.number().positive().exactOptional().describe('it ends after this time at the latest'),
  rate: z.number().positive().exactOptional().describe('requests per second, if it sends at one rate'),
  search: z
    .object({
      load: z.enum(loadKinds),
      min: z.number().positive(),
      max: z.number().positive(),
      slos: z.array(z.string()).readonly(),
    })
    .exactOptional()
    .describe('the loads among which it searches the largest within the SLOs'),
});
export type Sends = z.output<typeof sendsSchema>;

/** How much the workload of a point sends; undefined for requests of fixed lengths. */
export function sendsOf({ entry, conc }: Pick<Point, 'entry' | 'conc'>): Sends | undefined {
  if (isReplayed(entry)) return defined({ seconds: entry.duration });
  const kind = kindOfScenario(entry[scenarioField]);
  return kind === undefined || entry.traffic === undefined
    ? undefined
    : sendingLength(kind, entry.traffic, conc);
}
