import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { defaultConfigFiles, defaultRunnerConfig } from '../app/default-files.ts';
import { planEntries } from '../app/planning.ts';
import { hasStore } from '../app/store.ts';
import { entriesBetween } from '../changelog/index.ts';
import { loadMasterConfigs, loadRunnerPools } from '../config/index.ts';
import { InputError, messageOf } from '../errors.ts';
import type { MatrixEntry } from '../matrix/index.ts';
import { type EngineSession, type Plan, planSchema } from '../plan/index.ts';
import { keyOfPoint, keyOfRow } from '../results/index.ts';
import { openStore } from '../store/index.ts';
import type { Sweep } from '../sweep/index.ts';
import { type EntriesOptions, entriesFrom } from './entries.ts';
import { positiveInteger } from './options.ts';

/** What is measured, how often, and what of it first. */
export interface AskedOptions extends EntriesOptions {
  readonly plan?: string;
  readonly changelog?: Refs;
  readonly changelogFile: string;
  readonly session?: readonly string[];
  readonly priority: (typeof priorities)[number];
  readonly repeat: number;
  readonly adaptive?: true;
}

interface Refs {
  readonly base: string;
  readonly head: string;
}

const priorities = ['plan', 'stale'] as const;

/** Adds the options beside those of entries. */
export function withAskedOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--plan <file>', 'a plan as `plan --json` prints it, or - for standard input').conflicts([
        'entries',
        'configKeys',
        'changelog',
      ]),
    )
    .addOption(
      new Option(
        '--changelog <base..head>',
        'what was added to the changelog between two git refs, before anything else that is asked for',
      ).argParser(refs),
    )
    .addOption(
      new Option('--changelog-file <file>', 'the changelog, from the root of the repository').default(
        'perf-changelog.yaml',
      ),
    )
    .addOption(new Option('--session <ids...>', 'only these engine sessions of the plan'))
    .addOption(
      new Option(
        '--priority <order>',
        'plan: in its order, the longest first where nodes share it; stale: what was never measured first, then the oldest',
      )
        .choices(priorities)
        .default('plan'),
    )
    .addOption(
      new Option('--repeat <n>', 'measure every point so often').argParser(positiveInteger).default(1),
    )
    .addOption(new Option('--adaptive', 'skip points that cannot change a Pareto frontier, with the reason'));
}

/** The sweep that the options ask for; throws InputError where they ask for nothing that there is. */
export async function askedSweep(
  options: AskedOptions,
  store: string,
): Promise<Pick<Sweep, 'plan' | 'priorities' | 'repeats' | 'adaptive'>> {
  const changed = options.changelog === undefined ? [] : await changedEntries(options.changelog, options);
  const whole =
    options.plan === undefined ? await planOfEntries(changed, options) : await readPlan(options.plan);
  const plan = options.session === undefined ? whole : partOf(whole, options.session);
  const first = new Set(changed.map((entry) => JSON.stringify(entry)));
  const isFirst = ({ points }: EngineSession) => points.some(({ entry }) => first.has(JSON.stringify(entry)));
  const ages = options.priority === 'stale' ? await oldestFirst(plan, store) : [];
  return {
    plan,
    priorities: Object.fromEntries(
      plan.sessions.map((session) => [
        session.id,
        isFirst(session) ? 0 : 1 + Math.max(0, ages.indexOf(session)),
      ]),
    ),
    ...(options.repeat === 1 ? {} : { repeats: options.repeat }),
    ...(options.adaptive ? { adaptive: true } : {}),
  };
}

/** The entries that the changelog asks for, as `changelog` prints them. */
async function changedEntries(
  { base, head }: Refs,
  { configFiles, changelogFile: file }: AskedOptions,
): Promise<MatrixEntry[]> {
  const configs = await loadMasterConfigs(configFiles ?? defaultConfigFiles());
  return await entriesBetween({ repository: '.', file, base, head }, configs);
}

async function planOfEntries(changed: readonly MatrixEntry[], options: AskedOptions): Promise<Plan> {
  const more = options.entries !== undefined || options.configKeys !== undefined;
  if (!more && changed.length > 0) {
    const pools = await loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig());
    return await planEntries({ entries: changed, pools }, options);
  }
  const { entries, pools } = await entriesFrom(options);
  return await planEntries({ entries: [...changed, ...entries], pools }, options);
}

async function readPlan(path: string): Promise<Plan> {
  try {
    const content = path === '-' ? await text(process.stdin) : await readFile(path, 'utf8');
    return planSchema.parse(JSON.parse(content));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new InputError([
      { file: path === '-' ? 'standard input' : path, message: `not a plan: ${reason}` },
    ]);
  }
}

function partOf(plan: Plan, ids: readonly string[]): Plan {
  const missing = ids.filter((id) => plan.sessions.every((session) => session.id !== id));
  if (missing.length > 0) {
    throw new InputError(
      `the plan has no session ${missing.join(', ')}`,
      '`inferencemax plan` with the same options lists those it has',
    );
  }
  return { ...plan, sessions: plan.sessions.filter(({ id }) => ids.includes(id)) };
}

/** Sessions by their oldest point: those with a point that was never measured, then by the time of the measurement. */
async function oldestFirst(plan: Plan, location: string): Promise<EngineSession[]> {
  const measuredAt = await latestMeasurements(plan, location);
  const oldest = ({ points }: EngineSession) =>
    points
      .map(({ entry, conc, hardware }) => measuredAt.get(keyOfPoint(entry, conc, hardware)) ?? '')
      .toSorted()[0] ?? '';
  return plan.sessions.toSorted((a, b) => oldest(a).localeCompare(oldest(b)));
}

async function latestMeasurements(plan: Plan, location: string): Promise<Map<string, string>> {
  const latest = new Map<string, string>();
  if (!hasStore(location)) return latest;
  const store = await openStore(location, 'read');
  try {
    for (const modelPrefix of new Set(plan.sessions.flatMap(modelsOf)))
      for (const { row, measuredAt } of await store.latestPoints({ modelPrefix }))
        latest.set(keyOfRow(row), measuredAt);
  } finally {
    await store.close();
  }
  return latest;
}

function modelsOf({ points }: EngineSession): string[] {
  return points.map(({ entry }) => entry['model-prefix']);
}

function refs(text: string): Refs {
  const [base, head, ...more] = text.split('..');
  if (base === undefined || head === undefined || base === '' || head === '' || more.length > 0)
    throw new InvalidArgumentError('expected two refs, as in origin/main..HEAD');
  return { base, head };
}
