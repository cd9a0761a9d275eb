import { basename, join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { type CollectedEval, readEvalJobs } from '../evals/index.ts';

/** Accuracy rows that were collected into a file. */
export interface CollectedEvals {
  readonly file: string;
  readonly rows: readonly CollectedEval[];
}

/**
 * Writes the accuracy rows of all eval jobs in a folder as one list, `agg_eval_<name>.json`. A folder of a job holds
 * its `meta_env.json` and the result files of lm-evaluation-harness. Throws InputError for a file that cannot be read.
 */
export async function collectEvals(folder: string, name: string, outDir: string): Promise<CollectedEvals> {
  const rows = await readEvalJobs(folder);
  const file = join(outDir, `agg_eval_${basename(name)}.json`);
  await writeFileAtomically(file, `${JSON.stringify(rows, null, 2)}\n`);
  return { file, rows };
}
