import { Command, Option } from 'commander';
import { StateFolder } from '../../app/state-folder.ts';
import { sweepJobs } from '../../ci/index.ts';
import { loadGpuConstants } from '../../config/index.ts';
import { loadRecipes, type Plan, planSessions } from '../../plan/index.ts';
import {
  type Entries,
  type EntriesOptions,
  entriesFrom,
  hardwareOf,
  withEntriesOptions,
} from '../entries.ts';
import { jsonOption, stateDirOption } from '../options.ts';
import { describePlan, planTable } from '../plan/describe.ts';
import { historyOf } from '../plan/history.ts';
import { launcherKindsOf } from '../plan/launcher-kinds.ts';
import { planReport } from '../plan/report.ts';

const formats = ['text', 'table', 'json', 'github'] as const;

interface PlanOptions extends EntriesOptions {
  readonly stateDir: string;
  readonly format: (typeof formats)[number];
  readonly json?: true;
}

/** `inferencemax plan`: which engine sessions would be run, with what. */
export function command(): Command {
  return withEntriesOptions(
    new Command('plan').description(
      'Groups matrix entries into engine sessions: one engine start for all points that can share it.',
    ),
  )
    .addOption(stateDirOption())
    .addOption(
      new Option('--format <format>', 'github is a matrix of CI jobs, one for each session')
        .choices(formats)
        .default('text'),
    )
    .addOption(jsonOption().conflicts('format'))
    .addHelpText(
      'after',
      `
Examples:
  inferencemax plan --config-keys smollm2-q4-cpu-llamacpp
  inferencemax generate full-sweep --single-node | inferencemax plan --entries - --format table

Estimates come from earlier measurements in the store where it has them, and else from assumptions, which are printed.`,
    )
    .action(async (options: PlanOptions) => {
      const plan = await planOf(options);
      process.stdout.write(await printed(plan, options));
    });
}

async function printed(plan: Plan, { json, format: asked, share, stateDir }: PlanOptions): Promise<string> {
  const format = json ? 'json' : asked;
  if (format === 'github') {
    const { singleNode, multiNode } = sweepJobs(plan);
    return `${JSON.stringify({ include: [...singleNode, ...multiNode] })}\n`;
  }
  const history = await historyOf(plan, new StateFolder(stateDir).store);
  const report = planReport(plan, share ?? 'ranges', await loadGpuConstants(), history);
  if (format === 'json') return `${JSON.stringify(report)}\n`;
  return format === 'table' ? planTable(report) : describePlan(report);
}

/** The plan for the entries that the options ask for. */
export async function planOf(options: EntriesOptions): Promise<Plan> {
  return await planEntries(await entriesFrom(options), options);
}

/** The plan for entries and the runner pools they refer to. */
export async function planEntries(
  { entries, pools }: Entries,
  { launcher, share }: Pick<EntriesOptions, 'launcher' | 'share'> = {},
): Promise<Plan> {
  const hardware = hardwareOf(pools);
  const recipes = await loadRecipes(entries.map((entry) => ({ entry, hardware: hardware(entry) })));
  return planSessions(entries, {
    recipes,
    hardwareOf: hardware,
    launcherOf: launcher === undefined ? await launcherKindsOf(entries, pools) : () => launcher,
    ...(share === undefined ? {} : { sharing: share }),
  });
}
