import { Command } from 'commander';
import { foldChangelog } from '../../../app/fold-changelog.ts';
import { jsonOption } from '../../options.ts';
import { type FileOptions, failing, withChangelogFile } from './options.ts';

/** `inferencemax changelog fold` */
export function fold(): Command {
  return withChangelogFile(
    new Command('fold').description(
      'Moves the entries of the files in perf-changelog.d/ to the end of perf-changelog.yaml, in the order in which they were merged.',
    ),
  )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  inferencemax changelog fold && git add --all perf-changelog.yaml perf-changelog.d

Folding does not change what an entry requests, so a change that only folds requests no measurements.
Exit codes: 0 folded, or there was nothing to fold; 1 a file breaks a rule; 2 bad usage.`,
    )
    .action(async ({ changelogFile: file, json }: FileOptions & { readonly json?: true }) => {
      await failing(async () => {
        const folded = await foldChangelog({ repository: '.', file });
        const { files, entries } = folded;
        const words =
          files.length === 0
            ? `${file}: nothing to fold\n`
            : `${file}: ${entries} ${entries === 1 ? 'entry' : 'entries'} of ${files.length} ${files.length === 1 ? 'file' : 'files'} folded\n`;
        process.stdout.write(json ? `${JSON.stringify({ file, ...folded })}\n` : words);
      });
    });
}
