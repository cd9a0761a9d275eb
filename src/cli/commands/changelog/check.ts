import { Command, Option } from 'commander';
import { changelogSides } from '../../../app/changelog-sides.ts';
import { checkChangelog } from '../../../app/check-changelog.ts';
import { pullLinks } from '../../../changelog/index.ts';
import { defined } from '../../../defined/defined.ts';
import { jsonOption } from '../../options.ts';
import { addressOfPulls, type ConfigFileOptions, failing, withFiles, withModifiers } from './options.ts';

interface CheckOptions extends ConfigFileOptions {
  readonly baseRef: string;
  readonly headRef: string;
  readonly trimConc?: true;
  readonly allEvals?: true;
  readonly evalsOnly?: true;
  readonly strict?: true;
  readonly pullRequests: string;
  readonly json?: true;
}

/** `inferencemax changelog check` */
export function check(): Command {
  return withModifiers(
    withFiles(
      new Command('check').description(
        'Checks a change to the changelog: the file ends with a newline, and the matrix that it requests can be generated.',
      ),
    ),
  )
    .addOption(new Option('--base-ref <ref>', 'git ref before the change').makeOptionMandatory())
    .addOption(new Option('--head-ref <ref>', 'git ref after the change').default('HEAD'))
    .addOption(
      new Option(
        '--strict',
        'check the rules of `changelog canonicalize`, too: new entries at the end, existing ones unchanged byte for byte, and links to pull requests, or XXX',
      ),
    )
    .addOption(
      new Option(
        '--pull-requests <url>',
        'with --strict, the URL prefix of the pull requests that entries link to',
      )
        .argParser(addressOfPulls)
        .default(pullLinks().address),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  inferencemax changelog check --base-ref origin/main --strict

Exit codes: 0 good, 1 the change may not be merged, 2 bad usage.`,
    )
    .action(async ({ changelogFile: file, baseRef: base, headRef: head, json, ...options }: CheckOptions) => {
      await failing(async () => {
        const sides = await changelogSides('.', base, options);
        const links = options.strict ? pullLinks(options.pullRequests) : undefined;
        const { trimConc, allEvals, evalsOnly } = options;
        const change = { repository: '.', file, base, head };
        const modifiers = defined({ trimConc, allEvals, evalsOnly });
        const counts = await checkChangelog(change, sides, modifiers, links);
        process.stdout.write(json ? `${JSON.stringify({ file, ...counts })}\n` : inWords(file, counts));
      });
    });
}

function inWords(file: string, { entries, points, checks }: Awaited<ReturnType<typeof checkChangelog>>) {
  if (entries === 0) return `${file}: good; entries were folded into it, and nothing is asked for\n`;
  const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
  return `${file}: good; ${count(entries, 'entry was', 'entries were')} added, asking for ${count(points, 'point', 'points')} and ${count(checks, 'check', 'checks')} of answers\n`;
}
