import { Command, Option } from 'commander';
import { collectEvals } from '../../../app/collect-evals.ts';
import { evalSummaryMarkdown } from '../../../app/eval-summary.ts';
import { jsonOption } from '../../options.ts';

interface CollectOptions {
  readonly outDir: string;
  readonly sort: 'model' | 'hardware';
  readonly json?: true;
}

/** `inferencemax eval collect`. */
export function collectCommand(): Command {
  return new Command('collect')
    .description(
      'Collects the accuracy rows of eval jobs into agg_eval_<name>.json and prints them as tables.',
    )
    .argument('<folder>', 'folder of one job, or folder with one subfolder per job')
    .argument('<name>', 'name of the collection')
    .addOption(new Option('--sort <field>', 'first sort key').choices(['model', 'hardware']).default('model'))
    .addOption(new Option('--out-dir <folder>', 'output folder').default('.'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A job is a folder with meta_env.json and results of lm-evaluation-harness; if there are several, the newest counts. A job
with eval_concs counts once for each completed concurrency, from the files whose names end in _conc<N>.json.

Example:
  inferencemax eval collect eval_results/ all`,
    )
    .action(async (folder: string, name: string, { outDir, sort, json }: CollectOptions) => {
      const { rows } = await collectEvals(folder, name, outDir);
      process.stdout.write(json ? `${JSON.stringify(rows)}\n` : evalSummaryMarkdown(rows, sort));
    });
}
