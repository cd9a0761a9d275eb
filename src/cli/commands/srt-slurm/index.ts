import { Command } from 'commander';
import { planCommand } from './plan.ts';
import { showCommand } from './show.ts';

/** `inferencemax srt-slurm`: recipe files of srt-slurm. */
export function command(): Command {
  return new Command('srt-slurm')
    .description(
      'Reads srt-slurm recipe files, which describe an engine on several nodes, and shows the variants of a recipe and the exact command of every process.',
    )
    .addCommand(showCommand())
    .addCommand(planCommand())
    .addHelpText('after', '\nExample:\n  inferencemax srt-slurm plan recipes/disagg-gb200-1p1d.yaml');
}
