import { Command } from 'commander';
import { readRows, summaryMarkdown } from '../../results/index.ts';
import { jsonOption } from '../options.ts';

/** `inferencemax results`: what was measured, as tables. */
export function command(): Command {
  return new Command('results')
    .description('Turns measurements into tables.')
    .addCommand(summarize())
    .addHelpText('after', '\nExample:\n  inferencemax results summarize .inferencemax/runs/*/agg');
}

function summarize(): Command {
  return new Command('summarize')
    .description('Prints aggregate rows as Markdown tables.')
    .argument('<paths...>', 'aggregate rows, lists of them, or folders of such files')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax results summarize .inferencemax/runs/quickstart-20260114-101500-3f9a/agg',
    )
    .action(async (paths: readonly string[], options: { readonly json?: boolean }) => {
      const rows = await readRows(paths);
      process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : summaryMarkdown(rows));
    });
}
