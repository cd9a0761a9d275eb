import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { defaultConfigFiles } from '../../app/default-files.ts';
import { writeFileAtomically } from '../../atomic-file.ts';
import {
  addedEntries,
  appendEntry,
  askedBetween,
  Changelog,
  newEntrySchema,
  rerunOf,
} from '../../changelog/index.ts';
import { loadMasterConfigs, matchConfigKeys } from '../../config/index.ts';
import { InputError } from '../../errors.ts';
import { reasonFor } from '../../schema-words.ts';
import { jsonOption } from '../options.ts';

interface ChangelogOptions {
  readonly baseRef?: string;
  readonly headRef: string;
  readonly changelogFile: string;
  readonly configFiles?: readonly string[];
  readonly explain?: true;
  readonly json?: true;
}

/** `inferencemax changelog`: what a change of perf-changelog.yaml asks to be measured again. */
export function command(): Command {
  return withFiles(
    new Command('changelog').description(
      'Prints what the entries added to perf-changelog.yaml between two git refs ask to be measured again.',
    ),
  )
    .addOption(new Option('--base-ref <ref>', 'before the change (required)'))
    .addOption(new Option('--head-ref <ref>', 'after the change').default('HEAD'))
    .addOption(
      new Option(
        '--explain',
        'say in words which entry asks for which configs, as on a terminal unless --json is given',
      ),
    )
    .addOption(jsonOption().conflicts('explain'))
    .addCommand(add())
    .addHelpText(
      'after',
      `
Example:
  inferencemax changelog --base-ref origin/main --head-ref HEAD

Exit codes, as in the public tool: 0 told, 1 a file, a ref or a key that cannot be used, 2 bad usage.`,
    )
    .action(async (options: ChangelogOptions) => {
      const { baseRef: base, headRef: head, changelogFile: file, configFiles } = options;
      if (base === undefined)
        throw new InputError('--base-ref is required', 'for example --base-ref origin/main');
      await failing(async () => {
        const configs = await loadMasterConfigs(configFiles ?? defaultConfigFiles());
        const resolved = await askedBetween({ repository: '.', file, base, head }, configs);
        if (options.json === true || !(options.explain || process.stdout.isTTY)) {
          process.stdout.write(`${JSON.stringify(rerunOf(resolved, configs, { base, head }))}\n`);
          return;
        }
        for (const { entry, line, keys } of resolved) {
          const asked =
            keys.length === 0 ? 'nothing that an earlier entry does not ask for' : keys.join(', ');
          process.stdout.write(
            `${file}:${line}: ${[entry.description].flat().join('; ')}\n  asks for ${asked}\n`,
          );
        }
      });
    });
}

interface AddOptions {
  readonly changelogFile: string;
  readonly configFiles?: readonly string[];
  readonly configKeys: readonly string[];
  readonly description: readonly string[];
  readonly prLink: string;
  readonly json?: true;
}

function add(): Command {
  return withFiles(
    new Command('add').description('Appends an entry to perf-changelog.yaml, in the style of the file.'),
  )
    .addOption(
      new Option(
        '--config-keys <keys...>',
        'the configs to measure again; * is a wildcard',
      ).makeOptionMandatory(),
    )
    .addOption(new Option('--description <sentences...>', 'what changed').makeOptionMandatory())
    .addOption(
      new Option('--pr-link <url>', 'where it was discussed').argParser(webAddress).makeOptionMandatory(),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  inferencemax changelog add --config-keys 'dsr1-fp8-h200-*' --description 'Newer SGLang image' --pr-link https://github.com/org/repo/pull/1`,
    )
    .action(async (options: AddOptions) => {
      const { changelogFile: file, configKeys, description, prLink } = options;
      const configs = await loadMasterConfigs(options.configFiles ?? defaultConfigFiles());
      matchConfigKeys(configKeys, [...configs.keys()]);
      const entry = { 'config-keys': [...configKeys], description: [...description], 'pr-link': prLink };
      const checked = newEntrySchema.safeParse(entry);
      if (!checked.success) throw new InputError(reasonFor(checked.error));
      const before = await readFile(file, 'utf8').catch(() => '');
      const after = appendEntry(before, entry);
      addedEntries(await Changelog.parse(file, before), await Changelog.parse(file, after), file);
      await writeFileAtomically(file, after);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ file, entry })}\n`
          : `${file}: added an entry for ${configKeys.join(', ')}\n`,
      );
    });
}

function webAddress(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('expected an address, such as https://github.com/org/repo/pull/1');
  return text;
}

function withFiles(command: Command): Command {
  return command
    .addOption(
      new Option('--changelog-file <file>', 'the changelog, from the root of the repository').default(
        'perf-changelog.yaml',
      ),
    )
    .addOption(new Option('--config-files <files...>', 'master configs (default: the checked-in ones)'));
}

/** What cannot be used is a failed run here, as in the public tool: exit code 1. */
async function failing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof InputError ? error.asFailedRun() : error;
  }
}
