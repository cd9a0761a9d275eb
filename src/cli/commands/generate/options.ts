import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultConfigFiles, defaultRunnerConfig, hasOwnConfigs } from '../../../app/default-files.ts';
import {
  loadMasterConfigs,
  loadRunnerPools,
  type MasterConfigs,
  type RunnerPools,
} from '../../../config/index.ts';
import { InputError } from '../../../errors.ts';
import { type Scenario, scenarios } from '../../../identity/entry-schema.ts';
import { type EvalSelection, type NodeKind, publicSeqLens } from '../../../matrix/index.ts';
import { digits } from '../../options.ts';
import { type Format, formats } from './output.ts';

/** Options of every `generate` subcommand; the hidden ones are names from the first public release. */
export interface CommonOptions {
  readonly configFiles?: readonly string[];
  readonly masterConfig?: readonly string[];
  readonly runnerConfig?: string;
  readonly runnersConfig?: string;
  readonly format?: Format;
  readonly json?: true;
  readonly count?: true;
  readonly explain?: string;
}

export function withCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--config-files <files...>', 'master config files (default: those in .github/configs)'),
    )
    .addOption(new Option('--master-config <files...>', 'the same').hideHelp())
    .addOption(
      new Option(
        '--runner-config <file>',
        'runner pool file (default: runners.yaml next to the configs, else the checked-in one)',
      ),
    )
    .addOption(new Option('--runners-config <file>', 'the same').hideHelp())
    .addOption(
      new Option(
        '--format <format>',
        'json: one array; github: lines for $GITHUB_OUTPUT (default: json, or a table on a terminal)',
      ).choices(formats),
    )
    .addOption(new Option('--count', 'print only the number of entries'))
    .addOption(
      new Option(
        '--explain <key>',
        'show which line of a config produces which entries, and which filter removed the others',
      ),
    )
    .addOption(
      // It must not imply json: that is the default already, and an implied value would conflict with itself.
      new Option('--json', 'alias of --format json').conflicts(['format', 'explain']),
    );
}

export interface NodeKindOptions {
  readonly singleNode?: true;
  readonly multiNode?: true;
}

export function withNodeKinds(command: Command): Command {
  return command
    .addOption(new Option('--single-node', 'only engines on one node'))
    .addOption(new Option('--multi-node', 'only engines on several nodes'));
}

/** The requested kinds of entries; both, single-node first, if neither is requested. */
export function kindsOf({ singleNode, multiNode }: NodeKindOptions): NodeKind[] {
  if (singleNode && !multiNode) return ['single'];
  return multiNode && !singleNode ? ['multi'] : ['single', 'multi'];
}

/** Which entries get an accuracy check. */
export interface EvalOptions {
  readonly evals: boolean;
  readonly evalsOnly?: true;
  readonly allEvals?: true;
}

export function withEvalOptions(command: Command): Command {
  return command
    .addOption(new Option('--no-evals', 'select no entries for accuracy checks'))
    .addOption(new Option('--evals-only', 'only entries with an accuracy check'))
    .addOption(
      new Option(
        '--all-evals',
        'like --evals-only, but check every entry whose input/output lengths are eligible',
      ),
    );
}

/** Filters by nodes and traffic. */
export interface NarrowingOptions {
  readonly runnerNodeFilter?: string;
  readonly scenarioType?: readonly Scenario[];
  readonly seqLens?: readonly string[];
}

export function withNarrowingOptions(command: Command): Command {
  return command
    .addOption(new Option('--seq-lens <shapes...>', 'only these input/output lengths').choices(publicSeqLens))
    .addOption(new Option('--scenario-type <types...>', 'only this kind of traffic').choices(scenarios))
    .addOption(
      new Option(
        '--runner-node-filter <text>',
        'one entry for each node of the pool whose name contains this',
      ),
    );
}

/** The selection of accuracy checks. Throws InputError for options that exclude each other. */
export function evalsOf({ evals, evalsOnly, allEvals }: EvalOptions): EvalSelection | undefined {
  if (evals) return { only: evalsOnly === true, all: allEvals === true };
  if (evalsOnly || allEvals)
    throw new InputError(
      `--no-evals and ${evalsOnly ? '--evals-only' : '--all-evals'} exclude each other`,
      'leave one of them out',
      { code: 'conflicting-options' },
    );
  return undefined;
}

export async function loadFiles(
  options: CommonOptions,
): Promise<{ readonly configs: MasterConfigs; readonly pools: RunnerPools }> {
  const [configs, pools] = await Promise.all([
    loadMasterConfigs(configFilesOf(options)),
    loadRunnerPools(
      options.runnerConfig ??
        options.runnersConfig ??
        defaultRunnerConfig(options.configFiles ?? options.masterConfig),
    ),
  ]);
  return { configs, pools };
}

/**
 * Rejects a command without configs in a folder that has none: silently using the package's own configs would be a
 * surprise. Throws InputError.
 */
export function refuseNoConfigs({ configFiles, masterConfig }: CommonOptions): void {
  if (configFiles !== undefined || masterConfig !== undefined || hasOwnConfigs()) return;
  throw new InputError(
    'nothing says which configs entries are made of',
    'name master configs with --config-files, or go to a folder that has them in .github/configs',
    { code: 'missing-option' },
  );
}

export function configFilesOf(options: CommonOptions): readonly string[] {
  return options.configFiles ?? options.masterConfig ?? defaultConfigFiles();
}

export function integer(text: string): number {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const value = digits(rest);
  if (value === undefined) throw new InvalidArgumentError('expected a whole number');
  return sign === '-' ? -value : value;
}

/** Parses one more number of a list. */
export function integers(text: string, before: readonly number[] | undefined): readonly number[] {
  return [...(before ?? []), integer(text)];
}

/** A factor of 1 would never reach the end of a range. */
export function stepSize(text: string): number {
  const value = integer(text);
  if (value < 2) throw new InvalidArgumentError('expected 2 or more');
  return value;
}
