import { type Command, Option } from 'commander';
import { z } from 'zod';
import { checkedPlan } from '../app/checked-plan.ts';
import { defaultRunnerConfig } from '../app/default-files.ts';
import type { Entries } from '../app/planning.ts';
import { entriesOfConfigs } from '../app/resume.ts';
import { parseJson } from '../bounded-json.ts';
import { listOf, valuesOf } from '../bounded-list.ts';
import { loadRunnerPools } from '../config/index.ts';
import { type Fault, formatProblem, InputError, type Problem } from '../errors.ts';
import { generatedEntrySchema } from '../identity/index.ts';
import { type MatrixEntry, measuredEntry } from '../matrix/index.ts';
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
        'which points share an engine start: ranges = those whose servers differ only in limits that the load never reaches; identical = those with the same command; none = no points',
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
      entries: await readEntries(options.entries, options.json),
      pools: await loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig()),
    };
  if (options.configKeys === undefined) {
    throw new InputError(
      'nothing to measure was named',
      'name configs with --config-keys, or pass matrix entries with --entries',
      { code: 'nothing-selected' },
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

const entryList = listOf(generatedEntrySchema);
const groups = valuesOf(listOf(generatedEntrySchema)).transform((byShape) => byShape.flat());
const checks = z.array(z.unknown()).default([]);

/** The output of `changelog`: lists by shape, split by the number of nodes, and in August's form checks of answers. */
const rerun = z
  .object({
    single_node: groups,
    multi_node: groups,
    evals: checks,
    agentic_evals: checks,
    multinode_evals: checks,
    multinode_agentic_evals: checks,
  })
  .transform(({ single_node, multi_node, ...lists }) => ({
    entries: [...single_node, ...multi_node],
    checks: Object.values(lists).flat().length,
  }));

async function readEntries(path: string, json?: boolean): Promise<MatrixEntry[]> {
  const content = await textOfNamedOrInput(path);
  try {
    const read = parseJson(content);
    if (!Array.isArray(read)) return entriesOfChange(rerun.parse(read), path, json);
    for (const entry of read) refuseUnplanned(entry, path);
    return entryList.parse(read).map(measuredEntry);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError([
      {
        code: 'not-entries',
        file: nameOf(path),
        message: `not a list of matrix entries: ${reasonFor(error)}`,
      },
    ]);
  }
}

/** What a sweep measures of a change; the rest is left out with a warning. Throws InputError if nothing is left. */
function entriesOfChange(
  { entries, checks: checkCount }: z.output<typeof rerun>,
  path: string,
  json: boolean | undefined,
): MatrixEntry[] {
  const measured = entries.map(measuredEntry);
  if (checkCount === 0) return measured;
  const left = `${checkCount} eval-only ${checkCount === 1 ? 'entry' : 'entries'}`;
  const message = `${left}; a sweep evaluates each engine after its points`;
  if (measured.length === 0)
    throw new InputError([{ file: nameOf(path), message: `it has only ${message}` }], undefined, {
      code: 'not-measurable',
    });
  noteOnStderr(`warning: ${nameOf(path)}: left out: ${message}`, json);
  return measured;
}

/** Throws InputError for a valid entry that a sweep does not measure. */
function refuseUnplanned(entry: unknown, path: string): void {
  const fault = unplanned(entry);
  if (fault !== undefined)
    throw new InputError([{ file: nameOf(path), ...fault }], undefined, { code: 'not-measurable' });
}

/** Why a sweep does not measure a valid entry, if it does not. */
function unplanned(one: unknown): Fault | undefined {
  const entry = generatedEntrySchema.safeParse(one).data;
  if (entry?.['eval-only'] !== true) return undefined;
  return {
    message: `${entry['exp-name']} is an eval-only entry, which cannot be run on its own: a sweep evaluates each engine after its points`,
    hint: 'generate the entries without --evals-only and --all-evals',
  };
}
