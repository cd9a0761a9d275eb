import { Command } from 'commander';
import { loadRecipes, type Plan, planSessions, startsPerPoint } from '../../plan/index.ts';
import {
  type Entries,
  type EntriesOptions,
  entriesFrom,
  hardwareOf,
  withEntriesOptions,
} from '../entries.ts';
import { jsonOption } from '../options.ts';

/** `inferencemax plan`: which engine sessions would be run, with what. */
export function command(): Command {
  return withEntriesOptions(
    new Command('plan').description(
      'Groups matrix entries into engine sessions: one engine start for all points that can share it.',
    ),
  )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax plan --config-keys smollm2-q4-cpu-llamacpp')
    .action(async (options: EntriesOptions & { readonly json?: boolean }) => {
      const plan = await planOf(options);
      process.stdout.write(options.json ? `${JSON.stringify(plan)}\n` : describe(plan));
    });
}

/** The plan for the entries that the options ask for. */
export async function planOf(options: EntriesOptions): Promise<Plan> {
  return await planEntries(await entriesFrom(options));
}

/** The plan for entries and the runner pools they refer to. */
export async function planEntries({ entries, pools }: Entries): Promise<Plan> {
  const hardware = hardwareOf(pools);
  const recipes = await loadRecipes(entries.map((entry) => ({ entry, hardware: hardware(entry) })));
  return planSessions(entries, { recipes, hardwareOf: hardware });
}

function describe(plan: Plan): string {
  const sessions = plan.sessions.map((session) => {
    const { args, env, acceleratorCount } = session.server;
    const environment = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return [
      `session ${session.id} on ${session.runner}`,
      `  image   ${session.image}`,
      `  model   ${session.model}`,
      `  server  ${[...environment, ...args].join(' ')} (accelerators: ${acceleratorCount})`,
      ...session.points.map(
        ({ entry, conc, client }) =>
          `  point   ${entry.isl}/${entry.osl} at concurrency ${conc}, ${client.numPrompts} prompts`,
      ),
    ].join('\n');
  });
  const points = plan.sessions.reduce((sum, session) => sum + session.points.length, 0);
  const ratio =
    points === 0 ? '' : ` (${startsPerPoint(plan).toFixed(2)} engine starts per point instead of 1)`;
  return `${[...sessions, `${points} points in ${plan.sessions.length} engine sessions${ratio}`].join('\n\n')}\n`;
}
