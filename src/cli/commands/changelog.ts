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

/** `inferencemax changelog`: lists what a change of perf-changelog.yaml re-measures. */
export function command(): Command {
  return withFiles(
    new Command('changelog').description(
      'Lists what the entries added to perf-changelog.yaml between two git refs ask to re-measure.',
    ),
  )
    .addOption(new Option('--base-ref <ref>', 'git ref before the change (required)'))
    .addOption(new Option('--head-ref <ref>', 'git ref after the change').default('HEAD'))
    .addOption(
      new Option(
        '--explain',
        'print as text which entry asks for which configs (default on a terminal, unless --json is given)',
      ),
    )
    .addOption(jsonOption().conflicts('explain'))
    .addCommand(add())
    .addHelpText(
      'after',
      `
Example:
  inferencemax changelog --base-ref origin/main --head-ref HEAD

Exit codes, as in the public tool: 0 ok, 1 unusable file, ref or key, 2 bad usage.`,
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
    new Command('add').description("Appends an entry to perf-changelog.yaml, in the file's style."),
  )
    .addOption(
      new Option('--config-keys <keys...>', 'configs to re-measure; * is a wildcard').makeOptionMandatory(),
    )
    .addOption(new Option('--description <sentences...>', 'what changed').makeOptionMandatory())
    .addOption(
      new Option('--pr-link <url>', 'pull request or issue about the change')
        .argParser(webAddress)
        .makeOptionMandatory(),
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
    throw new InvalidArgumentError('expected a URL, such as https://github.com/org/repo/pull/1');
  return text;
}

function withFiles(command: Command): Command {
  return command
    .addOption(
      new Option('--changelog-file <file>', 'path of the changelog from the repository root').default(
        'perf-changelog.yaml',
      ),
    )
    .addOption(
      new Option('--config-files <files...>', 'master config files (default: those in .github/configs)'),
    );
}

/** Unusable files and keys exit with 1, not 2, like in the public tool. */
async function failing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof InputError ? error.asFailedRun() : error;
  }
}
