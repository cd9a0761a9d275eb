import { evalJobSchema } from '../../identity/index.ts';
import { completedConcurrencies } from './batch.ts';
import { concurrencyOfName, type HarnessFile, harnessFileSchema } from './result-file.ts';
import { type CollectedEval, collectedEvals } from './row.ts';

/** The file next to an eval job's results that describes what was evaluated. */
export const jobFileName = 'meta_env.json';

/** A JSON file of an eval job that claims to be a result of lm-evaluation-harness. */
export interface ResultFile {
  readonly path: string;
  /** Unix time in milliseconds. */
  readonly modifiedMs: number;
  readonly value: unknown;
}

/** The model prefix in a job's `meta_env.json`; undefined if it is `unknown`. */
export function modelPrefixOf(job: unknown): string | undefined {
  const prefix = evalJobSchema.safeParse(job).data?.infmax_model_prefix;
  return typeof prefix === 'string' && !['', 'unknown'].includes(prefix) ? prefix : undefined;
}

/**
 * The result files of a job that count, with their concurrency if the job ran several: the newest file, or the newest
 * of each completed concurrency.
 */
export function countedResults(
  job: unknown,
  files: readonly ResultFile[],
): { readonly file: ResultFile; readonly concurrency?: number }[] {
  const completed = completedConcurrencies(job);
  const newest = new Map<number | undefined, ResultFile>();
  for (const file of files) {
    const concurrency = completed === undefined ? undefined : concurrencyOfName(file.path);
    if (completed !== undefined && (concurrency === undefined || !completed.has(concurrency))) continue;
    const other = newest.get(concurrency);
    if (other === undefined || file.modifiedMs >= other.modifiedMs) newest.set(concurrency, file);
  }
  return [...newest].map(([concurrency, file]) =>
    concurrency === undefined ? { file } : { file, concurrency },
  );
}

/** The accuracy rows of one result file of a job. Throws a ZodError if the job or the file is invalid. */
export function evalsOfJob(job: unknown, file: ResultFile, concurrency: number | undefined): CollectedEval[] {
  const told = evalJobSchema.parse(job);
  const content: HarnessFile = harnessFileSchema.parse(file.value);
  return collectedEvals(
    concurrency === undefined ? told : { ...told, conc: concurrency },
    content,
    file.path,
  );
}
