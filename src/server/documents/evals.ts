import { z } from 'zod';
import { scoreOf, scoreShape } from '../../identity/index.ts';
import type { StoredEval } from '../../store/index.ts';
import { type Knowledge, shownCounts, shows } from '../knowledge.ts';
import { publicName } from '../privacy.ts';
import { documentKind, theOne } from './document.ts';
import { gpuNamed } from './point-columns.ts';

const gates = ['pass', 'fail', 'not-judged'] as const;

/** One score of one accuracy task. */
export const evalScore = z.object({
  id: z.string(),
  /** Null if the score has no run. */
  runId: z.string().nullable(),
  measuredAt: z.iso.datetime(),
  ...scoreShape,
  gpu: z.string().nullable(),
  /** Null if unknown. */
  conc: z.int().positive().nullable(),
  task: z.string(),
  /** The name of the score, such as `em_strict`. */
  metric: z.string(),
  /** 0 to 1. */
  score: z.number(),
  /** Null if the task reported none. */
  standardError: z.number().nullable(),
  /** Questions answered; null if unknown. */
  samples: z.int().nonnegative().nullable(),
  /** The verdict of the check: `pass`, `fail` or `not-judged`; null without one. */
  gate: z.enum(gates).nullable(),
  /** For an imported score, where it was published. */
  source: z.string().nullable(),
});

/** `evals`: accuracy scores with the served configuration, newest first, at most 1000. */
export const evalsDocument = z.object({ total: z.int().nonnegative(), evals: z.array(evalScore) });

export const evalsKind = documentKind({
  path: 'evals',
  summary: 'Accuracy scores with the configuration that was served, newest first, at most 1000.',
  schema: evalsDocument,
  all: theOne,
  build: async (knowledge) => {
    const [evals, { evals: total }] = await Promise.all([newestScores(knowledge), shownCounts(knowledge)]);
    return { total, evals };
  },
});

/** The public scores, newest first, at most 1000. */
export async function newestScores(knowledge: Knowledge): Promise<z.infer<typeof evalScore>[]> {
  const { items } = await knowledge.store.evals({}, { limit: 1000 });
  return items
    .filter(isJudged)
    .filter(({ hw }) => shows(knowledge, hw))
    .map((one) => evalOf(knowledge, one));
}

/** An evaluation with a score. */
type Judged = StoredEval & { readonly score: number };

/** Whether an evaluation has a score. */
export function isJudged(one: StoredEval): one is Judged {
  return one.score !== null;
}

/** Converts a stored evaluation into its public form. */
export function evalOf({ gpus }: Pick<Knowledge, 'gpus'>, one: Judged): z.infer<typeof evalScore> {
  const { id, measuredAt, conc, task, metric } = one;
  return {
    id,
    runId: one.sweepId,
    measuredAt,
    ...scoreOf(one),
    gpu: gpuNamed(one.hw, gpus),
    model: publicName(one.model),
    conc,
    task,
    metric,
    score: one.score,
    standardError: one.scoreSe,
    gate: gates.find((gate) => gate === one.gate) ?? null,
    samples: one.n,
    source: one.source === null ? null : publicName(one.source),
  };
}
