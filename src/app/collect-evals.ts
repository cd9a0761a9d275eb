import { basename, join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { type CollectedEval, readEvalJobs } from '../evals/index.ts';

/** Collected accuracy rows, and the file to which they were written. */
export interface CollectedEvals {
  readonly file: string;
  readonly rows: readonly CollectedEval[];
}

/**
 * Writes the accuracy rows of all eval jobs in a folder to one list, `agg_eval_<name>.json`. Each job's
 * folder contains its `meta_env.json` and result files of lm-evaluation-harness. Throws InputError if a file
 * cannot be read.
 */
export async function collectEvals(folder: string, name: string, outDir: string): Promise<CollectedEvals> {
  const rows = await readEvalJobs(folder);
  const file = join(outDir, `agg_eval_${basename(name)}.json`);
  await writeFileAtomically(file, `${JSON.stringify(rows, null, 2)}\n`);
  return { file, rows };
}
