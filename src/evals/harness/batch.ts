import { z } from 'zod';
import { concurrencyOfName } from './result-file.ts';

const concurrencies = z.array(z.int().positive());

/**
 * The part of `meta_env.json` about an eval job that asked at several concurrencies, one after another on one engine.
 */
const batchSchema = z.object({
  eval_concs: concurrencies,
  completed_eval_concs: concurrencies,
  failed_eval_concs: concurrencies,
});

/** Whether a job's `meta_env.json` describes several concurrencies. */
export function isBatch(job: unknown): boolean {
  return typeof job === 'object' && job !== null && 'eval_concs' in job;
}

/** The concurrencies that a batch completed, whose result files are read; undefined if the job is not a batch. */
export function completedConcurrencies(job: unknown): ReadonlySet<number> | undefined {
  const parsed = z
    .object({ eval_concs: z.array(z.unknown()), completed_eval_concs: z.array(z.unknown()).optional() })
    .safeParse(job);
  if (!parsed.success) return undefined;
  const { eval_concs: asked, completed_eval_concs: completed = asked } = parsed.data;
  return new Set(completed.map(Number));
}

const lists = z.object({
  eval_concs: z.array(z.unknown()),
  completed_eval_concs: z.array(z.unknown()),
  failed_eval_concs: z.array(z.unknown()),
});

/**
 * What is missing from a batch or superfluous in it, as messages; empty if the batch is complete. `asked` are the
 * concurrencies that the matrix requested, if known; `files` are the names of the result files.
 */
export function batchFaults(
  job: unknown,
  files: readonly string[],
  asked: readonly number[] | undefined,
): string[] {
  if (!isBatch(job)) {
    return asked !== undefined && asked.length > 1
      ? [`concurrencies ${asked.join(', ')} were requested, but meta_env.json has no eval_concs`]
      : [];
  }
  if (!lists.safeParse(job).success)
    return ['meta_env.json: eval_concs, completed_eval_concs and failed_eval_concs must be lists'];
  const parsed = batchSchema.safeParse(job);
  if (!parsed.success) return ['meta_env.json: every concurrency must be a positive whole number'];
  const { eval_concs: told, completed_eval_concs: completed, failed_eval_concs: failed } = parsed.data;
  const expected = asked ?? told;
  const named = files.map((file) => ({ file, concurrency: concurrencyOfName(file) }));
  const measured = named.flatMap(({ concurrency }) => concurrency ?? []);
  return [
    ...(hasDoubles(told) ? ['meta_env.json: eval_concs contains a concurrency twice'] : []),
    ...(hasDoubles(completed) ? ['meta_env.json: completed_eval_concs contains a concurrency twice'] : []),
    ...(without(told, expected).length + without(expected, told).length > 0
      ? [`meta_env.json: eval_concs is ${told.join(', ')}, but ${expected.join(', ')} was requested`]
      : []),
    ...listed('failed at concurrency', failed),
    ...listed('not completed at concurrency', without(expected, completed)),
    ...listed('completed at a concurrency that was not requested', without(completed, expected)),
    ...named
      .filter(({ concurrency }) => concurrency === undefined)
      .map(({ file }) => `the name of ${file} does not end in _conc<N>.json`),
    ...listed('no result file for concurrency', without(expected, measured)),
    ...listed('result file for a concurrency that was not requested', without(measured, expected)),
  ];
}

function hasDoubles(values: readonly number[]): boolean {
  return new Set(values).size < values.length;
}

/** The values that are not in `others`, sorted and without duplicates. */
function without(values: readonly number[], others: readonly number[]): number[] {
  return [...new Set(values)].filter((value) => !others.includes(value)).toSorted((a, b) => a - b);
}

function listed(what: string, values: readonly number[]): string[] {
  return values.length === 0 ? [] : [`${what}: ${values.join(', ')}`];
}
