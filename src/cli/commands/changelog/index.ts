import { Command, Option } from 'commander';
import { changelogSides } from '../../../app/changelog-sides.ts';
import { AddedBetween, type AskedKeys } from '../../../changelog/index.ts';
import { InputError } from '../../../errors.ts';
import { printableLines } from '../../../printable.ts';
import { jsonOption } from '../../options.ts';
import { add } from './add.ts';
import { check } from './check.ts';
import { fold } from './fold.ts';
import { type ConfigFileOptions, failing, withFiles, withModifiers } from './options.ts';
import { canonicalize, resolveConflict } from './prepare.ts';

interface ChangelogOptions extends ConfigFileOptions {
  readonly baseRef?: string;
  readonly headRef: string;
  readonly trimConc?: true;
  readonly allEvals?: true;
  readonly evalsOnly?: true;
  readonly explain?: true;
  readonly json?: true;
}

/** `inferencemax changelog`: lists what a change to perf-changelog.yaml re-measures. */
export function command(): Command {
  const listing = new Command('changelog').description(
    'Lists what must be measured again because of the entries added to perf-changelog.yaml and perf-changelog.d/ between two git refs.',
  );
  return withModifiers(withFiles(listing))
    .addOption(new Option('--base-ref <ref>', 'git ref before the change (required)'))
    .addOption(new Option('--head-ref <ref>', 'git ref after the change').default('HEAD'))
    .addOption(
      new Option(
        '--explain',
        'print as text which entry requests which configs (default on a terminal, unless --json is given)',
      ),
    )
    .addOption(jsonOption().conflicts('explain'))
    .addCommand(add())
    .addCommand(check())
    .addCommand(canonicalize())
    .addCommand(resolveConflict())
    .addCommand(fold())
    .addHelpText(
      'after',
      `
Example:
  inferencemax changelog --base-ref origin/main --head-ref HEAD

Exit codes, as in the public tool: 0 ok, 1 unusable file, ref or key, 2 bad usage.`,
    )
    .action(async (options: ChangelogOptions) => {
      const { baseRef: base, headRef: head, changelogFile: file, ...more } = options;
      if (base === undefined)
        throw new InputError('--base-ref is required', 'for example --base-ref origin/main', {
          code: 'missing-option',
        });
      await failing(async () => {
        const sides = await changelogSides('.', base, more);
        const added = await AddedBetween.read({ repository: '.', file, base, head }, sides, more);
        const isText = options.json !== true && (options.explain === true || process.stdout.isTTY);
        process.stdout.write(
          isText
            ? printableLines(added.asked().map(inWords).join(''))
            : `${JSON.stringify(await added.rerun())}\n`,
        );
      });
    });
}

function inWords({ file, line, entry, throughput, evals }: AskedKeys): string {
  const parts = [
    ...(throughput.length > 0 ? [throughput.join(', ')] : []),
    ...(evals.length > 0 ? [`evals of ${evals.join(', ')}`] : []),
  ];
  const asked = parts.length === 0 ? 'nothing that an earlier entry does not ask for' : parts.join(', and ');
  return `${file}:${line}: ${[entry.description].flat().join('; ')}\n  asks for ${asked}\n`;
}
