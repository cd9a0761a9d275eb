import { Command } from 'commander';
import { collectCommand } from './collect.ts';
import { runCommand } from './run.ts';
import { validateCommand } from './validate.ts';

/** `inferencemax eval`: checks the accuracy of an engine, or judges existing results. */
export function command(): Command {
  return new Command('eval')
    .description(
      'Checks the accuracy of an engine, and compares results of lm-evaluation-harness with minimum scores.',
    )
    .addCommand(runCommand(), { isDefault: true })
    .addCommand(collectCommand())
    .addCommand(validateCommand())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax eval run --base-url http://127.0.0.1:8000 --model llama --task recall arithmetic',
    );
}
