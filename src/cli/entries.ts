import { type Command, Option } from 'commander';
import { z } from 'zod';
import { checkedPlan } from '../app/checked-plan.ts';
import { defaultRunnerConfig } from '../app/default-files.ts';
import type { Entries } from '../app/planning.ts';
import { entriesOfConfigs } from '../app/resume.ts';
import { parseJson } from '../bounded-json.ts';
import { listOf, valuesOf } from '../bounded-list.ts';
import { loadRunnerPools } from '../config/index.ts';
import { formatProblem, InputError, type Problem } from '../errors.ts';
import { agenticEntrySchema, matrixEntrySchema } from '../identity/index.ts';
import type { MatrixEntry } from '../matrix/index.ts';
import { nameOf, textOfNamedOrInput } from '../named-file.ts';
import { type LauncherKind, launcherKinds, type Plan, type Sharing, sharings } from '../plan/index.ts';
import { printableLines } from '../printable.ts';
import { reasonFor } from '../schema-words.ts';

/** Where a plan or a run gets its entries from. */
export interface EntriesOptions {
  readonly configFiles?: readonly string[];
  readonly runnerConfig?: string;
  readonly configKeys?: readonly string[];
  readonly entries?: string;
  readonly share?: Sharing;
  readonly oneStartPerPoint?: true;
  readonly launcher?: LauncherKind;
  readonly json?: boolean;
}

/** Adds the options that select what to measure. */
export function withEntriesOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--config-files <files...>', 'master config files (default: those in .github/configs)'),
    )
    .addOption(
      new Option('--runner-config <file>', 'runner pool file (default: .github/configs/runners.yaml)'),
    )
    .addOption(new Option('--config-keys <keys...>', 'configs to measure'))
    .addOption(
      new Option(
        '--entries <file>',
        'matrix entries as printed by `generate`, `changelog` or `stale`, or - for standard input',
      ).conflicts('configKeys'),
    )
    .addOption(
      new Option(
        '--share <how>',
        'when points share an engine start: ranges = same server up to its declared caps; identical = same command; none = never',
      )
        .choices(sharings)
        .default('ranges'),
    )
    .addOption(new Option('--one-start-per-point', 'alias of --share none').implies({ share: 'none' }))
    .addOption(
      new Option('--launcher <kind>', 'launcher for all nodes (default: from runners/<pool>.yaml)').choices(
        launcherKinds,
      ),
    );
}

/** Loads the requested entries and the runner pools that they refer to. */
export async function entriesFrom(options: EntriesOptions): Promise<Entries> {
  if (options.entries !== undefined)
    return {
      entries: await readEntries(options.entries),
      pools: await loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig()),
    };
  if (options.configKeys === undefined) {
    throw new InputError(
      'nothing to measure was named',
      'name configs with --config-keys, or pass matrix entries with --entries',
    );
  }
  return await entriesOfConfigs({ ...options, configKeys: options.configKeys });
}

/** Checks and plans entries. Prints warnings to stderr; throws InputError on errors. */
export async function planAndWarn(
  asked: Entries,
  options: Pick<EntriesOptions, 'share' | 'launcher' | 'json'>,
  use: 'plan' | 'run',
): Promise<Plan> {
  const { plan, warnings } = await checkedPlan(asked, options, use);
  warn(warnings, options.json);
  return plan;
}

/** Prints warnings to stderr. */
export function warn(warnings: readonly Problem[], json = false): void {
  for (const warning of warnings) noteOnStderr(`warning: ${formatProblem(warning)}`, json);
}

/** Prints a line to stderr; as JSON if the sweep's events are JSON, too. */
export function noteOnStderr(text: string, json = false): void {
  const line = json
    ? JSON.stringify({ at: new Date().toISOString(), type: 'note', text })
    : printableLines(text);
  process.stderr.write(`${line}\n`);
}

const entryList = listOf(matrixEntrySchema);
const groups = valuesOf(entryList).transform((byShape) => byShape.flat());

/** The output of `changelog`: lists by shape, separate for single-node and multi-node entries. */
const rerun = z
  .object({ single_node: groups, multi_node: groups })
  .transform(({ single_node, multi_node }) => [...single_node, ...multi_node]);

async function readEntries(path: string): Promise<MatrixEntry[]> {
  const content = await textOfNamedOrInput(path);
  try {
    const json = parseJson(content);
    refuseTraces(json, path);
    return Array.isArray(json) ? entryList.parse(json) : rerun.parse(json);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError([
      { file: nameOf(path), message: `not a list of matrix entries: ${reasonFor(error)}` },
    ]);
  }
}

/** Rejects lists with agentic entries, which have no lengths. Throws InputError. */
function refuseTraces(json: unknown, path: string): void {
  const { data } = z.array(z.unknown()).safeParse(json);
  for (const one of data ?? []) {
    const entry = agenticEntrySchema.safeParse(one).data;
    if (entry === undefined) continue;
    const message = `${entry['exp-name']} asks for traces of agents, which can be generated and not planned`;
    const hint = 'leave such entries out with `generate --scenario-type fixed-seq-len`';
    throw new InputError([{ file: nameOf(path), message, hint }]);
  }
}
