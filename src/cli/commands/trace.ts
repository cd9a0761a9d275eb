import { Command } from 'commander';
import { synthesizeCommand } from '../bench/synthesize.ts';

/** `inferencemax trace`: files of recorded or invented traffic. */
export function command(): Command {
  return new Command('trace')
    .description('Makes traces for bench replay, without a server.')
    .addCommand(synthesizeCommand())
    .addHelpText('after', '\nExample:\n  inferencemax trace synthesize traces.jsonl');
}
