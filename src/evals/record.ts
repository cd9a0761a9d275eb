import { z } from 'zod';
import { type EvalSubject, subjectShape } from '../identity/index.ts';
import { defaultTolerance, type Gate, type GateReference, judgeGate } from './gate.ts';
import type { TaskResult } from './run.ts';
import type { EvalTask } from './task.ts';

export type { EvalSubject };

const share = z.number().min(0).max(1);
const interval = z.tuple([share, share]);

const item = z.object({
  id: z.string(),
  prompt: z.string(),
  reference: z.string().optional(),
  answer: z.string().optional(),
  truncated: z.boolean().optional(),
  scores: z.record(z.string(), share).optional(),
  error: z.object({ errorClass: z.string(), message: z.string() }).optional(),
});

/**
 * One task on one engine session, the content of `evals/<name>.json` in a run directory. Names and meanings are those
 * of public accuracy rows where these have the field: `score`, `score_name`, `score_se`, `n_eff`, and each metric with
 * `_se` (such as `em_strict`, `em_strict_se`) at the top level.
 */
export const evalRecordSchema = z
  .object({
    task: z.string(),
    /** Only scores with the same revision are comparable. */
    revision: z.string(),
    ...subjectShape,
    score_name: z.string(),
    /** null if there was nothing to compare the answers with. */
    score: share.nullable(),
    score_se: z.number().nullable(),
    /** Wilson's interval. */
    score_ci95: interval.nullable(),
    /** The number of judged answers. */
    n_eff: z.int(),
    n_asked: z.int(),
    /** Answers that were cut off at the token limit. */
    n_truncated: z.int(),
    state: z.enum(['complete', 'incomplete']),
    errors: z.record(z.string(), z.object({ count: z.int(), example: z.string() })),
    gate: z.object({
      verdict: z.enum(['pass', 'fail', 'not-judged']),
      reason: z.string(),
      reference: z.object({ score: share, interval95: interval, source: z.string() }).optional(),
    }),
    /** null if an answer came without a token count. */
    output_tokens: z.int().nullable(),
    duration_s: z.number(),
    timestamp: z.iso.datetime(),
    /** The evaluated session. */
    source: z.string(),
    items: z.array(item),
  })
  .loose();

export type EvalRecord = z.infer<typeof evalRecordSchema>;

/** The file content for a task's result, judged against its reference. */
export function evalRecord(
  result: TaskResult,
  subject: EvalSubject,
  context: {
    readonly source: string;
    readonly now: Date;
    readonly reference?: EvalRecord;
    /** The expected score of the task, in place of the reference's score. */
    readonly expected?: EvalTask['expected'];
    readonly tolerance?: number;
  },
): EvalRecord {
  const { task, revision, scoreName, state, errors, items } = result;
  const score = result.scores[scoreName] ?? unscored;
  const metrics = Object.entries(result.scores).flatMap(([name, { mean, standardError }]) => [
    [name, mean ?? null] as const,
    [`${name}_se`, standardError ?? null] as const,
  ]);
  const gate: Gate = judgeGate(
    score,
    result.asked - result.answered,
    gateReference(result, context),
    context.expected?.tolerance ?? context.tolerance ?? defaultTolerance,
  );
  return evalRecordSchema.parse({
    task,
    revision,
    ...subject,
    ...Object.fromEntries(metrics),
    score_name: scoreName,
    score: score.mean ?? null,
    score_se: score.standardError ?? null,
    score_ci95: score.interval95 ?? null,
    n_eff: score.n,
    n_asked: result.asked,
    n_truncated: result.truncated,
    state,
    errors,
    gate,
    output_tokens: result.outputTokens,
    duration_s: result.durationS,
    timestamp: context.now.toISOString(),
    source: context.source,
    items,
  });
}

const unscored = { mean: undefined, standardError: undefined, interval95: undefined, n: 0 };

/**
 * The record to compare another one with: the same model and questions, complete, at the highest precision; the first
 * if there are several.
 */
export function chooseReference(
  records: readonly EvalRecord[],
  wanted: {
    readonly subject: EvalSubject;
    readonly task: string;
    readonly revision: string;
    readonly source: string;
  },
): EvalRecord | undefined {
  return records
    .filter(
      (record) =>
        record.source !== wanted.source &&
        record.state === 'complete' &&
        record.task === wanted.task &&
        record.revision === wanted.revision &&
        record.model_prefix === wanted.subject.model_prefix,
    )
    .toSorted((a, b) => bits(b.precision) - bits(a.precision))[0];
}

/** Bits per weight from the precision's name: `fp8` 8, `q4` 4, `bf16` 16; 0 if the name has none. */
function bits(precision: string): number {
  return Number(/\d+/.exec(precision)?.[0] ?? 0);
}

function gateReference(
  { revision }: TaskResult,
  { reference, expected }: { readonly reference?: EvalRecord; readonly expected?: EvalTask['expected'] },
): GateReference | undefined {
  if (reference?.revision !== revision) return undefined;
  const { source, score, score_ci95 } = reference;
  if (expected !== undefined)
    return { score: expected.score, interval95: [expected.score, expected.score], source };
  return score === null || score_ci95 === null ? undefined : { score, interval95: score_ci95, source };
}
