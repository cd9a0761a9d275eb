import { Command, Option } from 'commander';
import { canonicalizeChangelog, resolveChangelog } from '../../../app/prepare-changelog.ts';
import { type PullLinks, publicRepository, pullLinks } from '../../../changelog/index.ts';
import { InputError } from '../../../errors.ts';
import { jsonOption, positiveInteger } from '../../options.ts';
import { addressOfPulls, type FileOptions, failing, withChangelogFile } from './options.ts';

interface PullOptions extends FileOptions {
  readonly prNumber: number;
  readonly repo?: string;
  readonly pullRequests?: string;
  readonly json?: true;
}

interface CanonicalizeOptions extends PullOptions {
  readonly baseRef: string;
}

/** `inferencemax changelog canonicalize` */
export function canonicalize(): Command {
  return withPull(
    new Command('canonicalize').description(
      'Prepares the changelog of a branch for its merge: checks that it only appends entries or corrects links, and replaces XXX with the link to its pull request.',
    ),
  )
    .addOption(
      new Option('--base-ref <ref>', 'git ref into which the branch will be merged').makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      `
Example:
  inferencemax changelog canonicalize --base-ref origin/main --pr-number 42

It prepares the changelog of the working tree and the new files of perf-changelog.d/; either may be missing. With --changelog-file, it prepares that file, even if its path is absolute or starts with ./ or ../.

Exit codes: 0 prepared, 1 the branch may not be merged, 2 bad usage.`,
    )
    .action(async ({ changelogFile: file, baseRef, ...options }: CanonicalizeOptions) => {
      await failing(async () => {
        const pull = { number: options.prNumber, links: linksOf(options) };
        const written = await canonicalizeChangelog({ repository: '.', file, baseRef }, pull);
        report(written, file, options);
      });
    });
}

/** `inferencemax changelog resolve-conflict` */
export function resolveConflict(): Command {
  return withPull(
    new Command('resolve-conflict').description(
      'Resolves a changelog conflict after `git merge` of the main branch: keeps the file of main and appends the entries of the branch, with the link to its pull request.',
    ),
  )
    .addHelpText(
      'after',
      `
Example:
  git merge origin/main
  inferencemax changelog resolve-conflict --pr-number 42
  git add perf-changelog.yaml

Exit codes: 0 resolved, 1 there is no conflict, or it must be resolved by hand, 2 bad usage.`,
    )
    .action(async ({ changelogFile: file, ...options }: PullOptions) => {
      await failing(async () => {
        const pull = { number: options.prNumber, links: linksOf(options) };
        report(await resolveChangelog({ repository: '.', file }, pull), file, options);
      });
    });
}

function withPull(command: Command): Command {
  return withChangelogFile(command)
    .addOption(
      new Option('--pr-number <n>', 'number of the pull request')
        .argParser(positiveInteger)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--repo <owner/name>', 'repository of the pull request, as in the public tool').default(
        publicRepository,
      ),
    )
    .addOption(
      new Option(
        '--pull-requests <url>',
        'URL prefix of pull requests, for the changelog of another repository',
      )
        .argParser(addressOfPulls)
        .default(pullLinks().address),
    )
    .addOption(jsonOption());
}

/** The public changelog has links of one repository only. */
function linksOf({ repo, pullRequests }: Omit<PullOptions, keyof FileOptions>): PullLinks {
  const links = pullLinks(pullRequests);
  const asked =
    repo === undefined || repo === publicRepository ? undefined : `https://github.com/${repo}/pull/`;
  if (asked !== undefined && asked !== links.address)
    throw new InputError(
      `entries link to ${links.address}NUMBER, and --repo asks for ${asked}NUMBER`,
      `add --pull-requests ${asked} if the changelog is that of ${repo}`,
      { code: 'bad-option' },
    );
  return links;
}

function report(
  written: readonly string[],
  file: string,
  { prNumber, json }: Omit<PullOptions, keyof FileOptions>,
): void {
  const words =
    written.length === 0
      ? `${file}: already prepared for pull request ${prNumber}\n`
      : written.map((path) => `${path}: prepared for pull request ${prNumber}\n`).join('');
  process.stdout.write(json ? `${JSON.stringify({ file, pullRequest: prNumber, written })}\n` : words);
}
