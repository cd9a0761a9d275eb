import { z } from 'zod';

/** Lowest passing scores, by task. */
const floorsByTask = z.record(z.string(), z.number());

/**
 * A file of floors: `default` by task, and `models` by model prefix and task. A file with neither contains the floors
 * of all models, by task.
 */
export const floorsSchema: z.ZodType<Floors> = z.union([
  z.strictObject({
    default: floorsByTask.exactOptional(),
    models: z.record(z.string(), floorsByTask).exactOptional(),
  }),
  floorsByTask.transform((ofAll) => ({ default: ofAll })),
]);

export interface Floors {
  readonly default?: Readonly<Record<string, number>>;
  readonly models?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The lowest passing score if no file specifies one. */
export const defaultFloor = 0.85;

export interface Floor {
  readonly floor: number;
  /** Where it is defined: `models.dsv4`, `default`, or `min-score` for the command's option. */
  readonly source: string;
}

/** The floor of a task: the model's own, else the one for all models, else `otherwise`. */
export function floorOf(
  { default: ofAll = {}, models = {} }: Floors,
  modelPrefix: string | undefined,
  task: string,
  otherwise: number,
): Floor {
  const own = modelPrefix === undefined ? undefined : models[modelPrefix]?.[task];
  if (own !== undefined) return { floor: own, source: `models.${modelPrefix}` };
  const ofTask = ofAll[task];
  return ofTask === undefined
    ? { floor: otherwise, source: 'min-score' }
    : { floor: ofTask, source: 'default' };
}

/** One metric of one task, compared with its floor. */
export interface JudgedMetric extends Floor {
  readonly task: string;
  /** Such as `exact_match,strict-match`. */
  readonly metric: string;
  readonly score: number;
  readonly passes: boolean;
}

/** Compares every metric whose name starts with `metricPrefix` with its floor; ignores standard errors. */
export function judgeMetrics(
  results: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  metricPrefix: string,
  floorOfTask: (task: string) => Floor,
): JudgedMetric[] {
  return Object.entries(results).flatMap(([task, metrics]) =>
    Object.entries(metrics).flatMap(([metric, score]): JudgedMetric[] => {
      if (!metric.startsWith(metricPrefix) || metric.includes('stderr') || typeof score !== 'number')
        return [];
      const floor = floorOfTask(task);
      return [{ task, metric, score, passes: score >= floor.floor, ...floor }];
    }),
  );
}
