import { Command } from 'commander';
import { collectCommand } from './collect.ts';

/** `inferencemax acceptance`: acceptance lengths of speculative decoding. */
export function command(): Command {
  return new Command('acceptance')
    .description('Measures how many drafted tokens an engine accepts.')
    .addCommand(collectCommand())
    .addHelpText(
      'after',
      `
Example:
  inferencemax acceptance collect --base-url http://127.0.0.1:8000 --dataset-path coding.jsonl --output dsv4_mtp.yaml`,
    );
}
