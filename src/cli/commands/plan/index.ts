import { Command, Option } from 'commander';
import { planEstimate } from '../../../app/estimates.ts';
import { RunnerNodes } from '../../../app/nodes.ts';
import { planReport } from '../../../app/plan-report.ts';
import type { Entries } from '../../../app/planning.ts';
import { StateFolder } from '../../../app/state-folder.ts';
import { sweepJobs } from '../../../ci/index.ts';
import type { Plan } from '../../../plan/index.ts';
import { type EntriesOptions, entriesFrom, planAndWarn, withEntriesOptions } from '../../entries.ts';
import { jsonOption, stateDirOption } from '../../options.ts';
import { describePlan, planTable } from './describe.ts';

const formats = ['text', 'table', 'json', 'github'] as const;

interface PlanOptions extends EntriesOptions {
  readonly stateDir: string;
  readonly format?: (typeof formats)[number];
  readonly json?: true;
}

/** `inferencemax plan`: shows the engine sessions of a run, with their commands. */
export function command(): Command {
  return withEntriesOptions(
    new Command('plan').description(
      'Groups matrix entries into engine sessions: one engine start for all points that can share a server.',
    ),
  )
    .addOption(stateDirOption())
    .addOption(
      new Option(
        '--format <format>',
        'github = a matrix of CI jobs, one per session (default: text; a table for several sessions on a terminal)',
      ).choices(formats),
    )
    .addOption(jsonOption().conflicts('format'))
    .addHelpText(
      'after',
      `
Examples:
  inferencemax plan --config-keys smollm2-q4-cpu-llamacpp
  inferencemax generate full-sweep --single-node | inferencemax plan --entries - --format table

Estimates come from earlier measurements in the store; if there are none, from assumptions, which are printed.`,
    )
    .action(async (options: PlanOptions) => {
      const entries = await entriesFrom(options);
      const plan = await planAndWarn(entries, options, 'plan');
      process.stdout.write(await printed(plan, entries, options));
    });
}

async function printed(
  plan: Plan,
  { pools }: Entries,
  { json, format: asked, share, stateDir }: PlanOptions,
): Promise<string> {
  const onTerminal = plan.sessions.length > 1 && process.stdout.isTTY ? 'table' : 'text';
  const format = json ? 'json' : (asked ?? onTerminal);
  if (format === 'github') {
    const { singleNode, multiNode } = sweepJobs(plan);
    return `${JSON.stringify({ include: [...singleNode, ...multiNode] })}\n`;
  }
  const report = planReport(plan, {
    sharing: share ?? 'ranges',
    estimate: await planEstimate(plan, new StateFolder(stateDir).store),
    runners: await RunnerNodes.load(
      plan.sessions.map(({ hardware, pool = hardware }) => pool),
      { pools, launcher: plan.launcher },
      'assume',
    ),
  });
  if (format === 'json') return `${JSON.stringify(report)}\n`;
  return format === 'table' ? planTable(report) : describePlan(report);
}
