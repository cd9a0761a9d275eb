import { scoreKey, scoreKeyOfSeries } from '../../../../src/identity/score-subject.ts';
import type { Series } from '../../../../src/server/api.ts';
import type { Names } from '../../data/names-in.ts';
import type { PublishedPoint } from '../../data/points.ts';
import { serverWords } from '../../data/server-words.ts';
import type { Eval } from './scores.ts';

/** Hardware with points of a model but without a score of the task, and what the store has instead. */
export interface UnscoredHardware {
  readonly hw: string;
  /** Other tasks with a score of the model on it. */
  readonly otherTasks: readonly string[];
  /** Prefixes, or else names, of other models that have a score on it. */
  readonly otherModels: readonly string[];
}

interface UnscoredRequest {
  /** Hardware with points of the model, with its GPU if that is known. */
  readonly measured: readonly { readonly hw: string; readonly gpu: string | null }[];
  /** All scores. */
  readonly evals: readonly Eval[];
  readonly model: string;
  readonly task: string;
}

export function unscoredHardware({ measured, evals, model, task }: UnscoredRequest): UnscoredHardware[] {
  return measured.flatMap(({ hw, gpu }) => {
    const own = evals.filter((one) => one.hw === hw || (gpu !== null && one.gpu === gpu));
    const ofModel = own.filter((one) => one.model === model);
    if (ofModel.some((one) => one.task === task)) return [];
    const others = own.filter((one) => one.model !== model);
    return {
      hw,
      otherTasks: each(ofModel.map((one) => one.task)),
      otherModels: each(others.map((one) => one.modelPrefix ?? one.model)),
    };
  });
}

/** Why some hardware has no score, as far as the store shows it. */
export function unscoredWords({ otherTasks, otherModels }: UnscoredHardware, names: Names): string {
  if (otherTasks.length > 0) return `scored only in ${otherTasks.join(', ')}`;
  if (otherModels.length === 0) return 'nothing was scored on it';
  const titles = otherModels.map(names.model);
  const some = titles.length > 3 ? [...titles.slice(0, 2), `${titles.length - 2} more`] : titles;
  return `only other models were scored on it (${some.join(', ')})`;
}

/** Servers of a chart by hardware: all, and those without any score of the model. */
export interface UnscoredServers {
  readonly all: number;
  readonly without: ReadonlyMap<string, readonly string[]>;
}

/** Two servers are the same if a score of one counts for the other, as in the overview. */
export function unscoredServers(
  points: readonly PublishedPoint[],
  ofModel: readonly Eval[],
  modelPrefix: string,
  names: Names,
): UnscoredServers {
  const scored = new Set(ofModel.map(scoreKey));
  const servers = new Map<string, Series>();
  for (const { series } of points) servers.set(scoreKeyOfSeries(series, modelPrefix), series);
  const without = [...servers].flatMap(([key, series]) => (scored.has(key) ? [] : [series]));
  return {
    all: servers.size,
    without: new Map(
      [...Map.groupBy(without, ({ hw }) => hw)].map(([hw, several]) => [
        hw,
        several.map((series) => serverWords(series, names)).toSorted(),
      ]),
    ),
  };
}

function each(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}
