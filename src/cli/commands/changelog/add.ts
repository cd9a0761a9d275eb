import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { defaultConfigFiles } from '../../../app/default-files.ts';
import { writeFileAtomically } from '../../../atomic-file.ts';
import {
  addedEntries,
  appendEntry,
  Changelog,
  changeFileFor,
  folderOf,
  type NewEntry,
  newEntrySchema,
} from '../../../changelog/index.ts';
import { loadMasterConfigs, matchConfigKeys } from '../../../config/index.ts';
import { defined } from '../../../defined/defined.ts';
import { InputError } from '../../../errors.ts';
import { type Scenario, scenarioField, scenarios } from '../../../identity/index.ts';
import { reasonFor } from '../../../schema-words.ts';
import { jsonOption, positiveInteger } from '../../options.ts';
import { type ConfigFileOptions, withFiles } from './options.ts';

interface AddOptions extends ConfigFileOptions {
  readonly configKeys: readonly string[];
  readonly description: readonly string[];
  readonly prLink: string;
  readonly evalsOnly?: true;
  readonly allEvals?: true;
  readonly appendOnly?: true;
  readonly evalMinPrefillEp?: number;
  readonly scenarioType?: readonly Scenario[];
  readonly ownFile?: true;
  readonly json?: true;
}

/** `inferencemax changelog add` */
export function add(): Command {
  return withFiles(
    new Command('add').description(
      "Appends an entry to perf-changelog.yaml, in the file's style, or writes it to its own file.",
    ),
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
    .addOption(
      new Option('--scenario-type <types...>', 'only these scenarios of the configs').choices(scenarios),
    )
    .addOption(new Option('--evals-only', 'run evals only, and measure no throughput'))
    .addOption(new Option('--all-evals', 'run evals for every eligible entry, and measure no throughput'))
    .addOption(
      new Option('--append-only', 'measure only the points that the configs have gained').conflicts([
        'evalsOnly',
        'allEvals',
        'evalMinPrefillEp',
      ]),
    )
    .addOption(
      new Option(
        '--eval-min-prefill-ep <n>',
        'run multi-node evals only if the prefill workers have at least this expert parallelism',
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option(
        '--own-file',
        'write the entry to its own file in perf-changelog.d/, so that no other branch conflicts with it',
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  inferencemax changelog add --config-keys 'dsr1-fp8-h200-*' --description 'Newer SGLang image' --pr-link https://github.com/org/repo/pull/1
  inferencemax changelog add --config-keys my-config --description 'More points' --pr-link https://github.com/org/repo/pull/2 --append-only --own-file`,
    )
    .action(async (options: AddOptions) => {
      const configs = await loadMasterConfigs(options.configFiles ?? defaultConfigFiles());
      matchConfigKeys(options.configKeys, [...configs.keys()]);
      const entry = entryOf(options);
      const { changelogFile } = options;
      const file = options.ownFile ? changeFileFor(folderOf(changelogFile), entry) : changelogFile;
      const before = await readFile(file, 'utf8').catch(() => '');
      const after = appendEntry(before, entry);
      addedEntries(await Changelog.parse(file, before), await Changelog.parse(file, after), file);
      await writeFileAtomically(file, after);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ file, entry })}\n`
          : `${file}: added an entry for ${options.configKeys.join(', ')}\n`,
      );
    });
}

function entryOf(options: AddOptions): NewEntry {
  const entry = {
    'config-keys': [...options.configKeys],
    description: [...options.description],
    'pr-link': options.prLink,
    ...defined({
      'evals-only': options.evalsOnly,
      'all-evals': options.allEvals,
      'append-only': options.appendOnly,
      'eval-min-prefill-ep': options.evalMinPrefillEp,
      [scenarioField]: options.scenarioType === undefined ? undefined : [...options.scenarioType],
    }),
  };
  const checked = newEntrySchema.safeParse(entry);
  if (!checked.success) throw new InputError(reasonFor(checked.error));
  return checked.data;
}

function webAddress(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('expected a URL, such as https://github.com/org/repo/pull/1');
  return text;
}
