import { type Command, InvalidArgumentError, Option } from 'commander';
import { askedSweep, changedEntries, priorities, type Refs } from '../app/asked-sweep.ts';
import { checkPlan } from '../app/checked-plan.ts';
import { defaultRunnerConfig } from '../app/default-files.ts';
import { profiledSweep } from '../app/profiled-sweep.ts';
import type { AskedSweep } from '../app/sweeps.ts';
import { parseJson } from '../bounded-json.ts';
import { loadRunnerPools } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import type { MatrixEntry } from '../matrix/index.ts';
import { nameOf, textOfNamedOrInput } from '../named-file.ts';
import { type Plan, planSchema } from '../plan/index.ts';
import { reasonFor } from '../schema-words.ts';
import type { PlanOrigin } from '../sweep/index.ts';
import { type EntriesOptions, entriesFrom, planAndWarn, warn } from './entries.ts';
import { positiveInteger, positiveNumber } from './options.ts';

/** What to measure, how often, and in which order. */
export interface AskedOptions extends EntriesOptions {
  readonly plan?: string;
  readonly changelog?: Refs;
  readonly changelogFile: string;
  readonly session?: readonly string[];
  readonly priority: (typeof priorities)[number];
  readonly repeat: number;
  readonly adaptive?: true;
  readonly profile?: true;
  readonly profileSeconds?: number;
}

/** Adds these options and those of `withEntriesOptions`. */
export function withAskedOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--plan <file>', 'a plan as printed by `plan --json`, or - for standard input').conflicts([
        'entries',
        'configKeys',
        'changelog',
      ]),
    )
    .addOption(
      new Option(
        '--changelog <base..head>',
        'measure what was added to the changelog between two git refs, before anything else',
      ).argParser(refs),
    )
    .addOption(
      new Option('--changelog-file <file>', 'path of the changelog from the repository root').default(
        'perf-changelog.yaml',
      ),
    )
    .addOption(new Option('--session <ids...>', 'only these engine sessions of the plan'))
    .addOption(
      new Option(
        '--priority <order>',
        'session order: plan = as planned, longest first if several nodes share the work; stale = unmeasured points first, then the oldest',
      )
        .choices(priorities)
        .default('plan'),
    )
    .addOption(
      new Option('--repeat <n>', 'how many times to measure each point')
        .argParser(positiveInteger)
        .default(1),
    )
    .addOption(new Option('--adaptive', 'skip points that cannot change a Pareto frontier, and report why'))
    .addOption(
      new Option(
        '--profile',
        'profile the engines (vLLM, SGLang) and keep the traces; each point sends one request per stream, and its result is suspect; PROFILE=1 in the environment does the same',
      ),
    )
    .addOption(
      new Option(
        '--profile-seconds <seconds>',
        'how much of each point to profile, in seconds (default: 10)',
      ).argParser(positiveNumber),
    );
}

/** The sweep that the options request; throws InputError if they match nothing. */
export async function askedBy(options: AskedOptions, store: string): Promise<AskedSweep> {
  const first = await changedBy(options);
  const asked = await askedSweep({
    plan:
      options.plan === undefined
        ? await planOfEntries(first, options)
        : await checkedFile(options.plan, options),
    sessions: options.session,
    first,
    priority: options.priority,
    repeats: options.repeat,
    adaptive: options.adaptive ?? false,
    store,
  });
  const whole = { ...asked, origin: originOf(options) };
  return wantsProfile(options) ? profiledSweep(whole, options.profileSeconds ?? defaultProfileS) : whole;
}

/** Long enough for many steps of any engine, and short enough for a trace that a browser can open. */
const defaultProfileS = 10;

/** Whether to profile, according to the options and to `PROFILE=1`, as in the public benchmark scripts. */
export function wantsProfile({
  profile,
  profileSeconds,
}: Pick<AskedOptions, 'profile' | 'profileSeconds'>): boolean {
  return profile ?? (profileSeconds !== undefined || process.env.PROFILE === '1');
}

/** What a resume of the sweep can plan again. */
function originOf(options: AskedOptions): PlanOrigin {
  const { configKeys, configFiles, runnerConfig, share } = options;
  if (options.session !== undefined) return { kind: '--session' };
  if (options.plan !== undefined) return { kind: '--plan' };
  if (options.changelog !== undefined) return { kind: '--changelog' };
  if (configKeys === undefined) return { kind: '--entries' };
  return {
    kind: 'configs',
    configKeys: [...configKeys],
    ...defined({ configFiles: configFiles && [...configFiles], runnerConfig, share }),
  };
}

async function changedBy(options: AskedOptions): Promise<MatrixEntry[]> {
  const { changelog, changelogFile, configFiles, runnerConfig } = options;
  if (changelog === undefined) return [];
  return await changedEntries(changelog, changelogFile, defined({ configFiles, runnerConfig }));
}

async function planOfEntries(changed: readonly MatrixEntry[], options: AskedOptions): Promise<Plan> {
  const more = options.entries !== undefined || options.configKeys !== undefined;
  if (!more && changed.length > 0) {
    const pools = await loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig());
    return await planAndWarn({ entries: changed, pools }, options, 'run');
  }
  const asked = await entriesFrom(options);
  return await planAndWarn({ ...asked, entries: [...changed, ...asked.entries] }, options, 'run');
}

async function checkedFile(path: string, { runnerConfig, launcher, json }: AskedOptions): Promise<Plan> {
  const plan = { ...(await readPlan(path)), ...defined({ launcher }) };
  warn(await checkPlan(plan, await loadRunnerPools(runnerConfig ?? defaultRunnerConfig())), json);
  return plan;
}

async function readPlan(path: string): Promise<Plan> {
  const content = await textOfNamedOrInput(path);
  try {
    return planSchema.parse(parseJson(content));
  } catch (error) {
    throw new InputError([
      { code: 'not-entries', file: nameOf(path), message: `not a plan: ${reasonFor(error)}` },
    ]);
  }
}

function refs(text: string): Refs {
  const [base, head, ...more] = text.split('..');
  if (base === undefined || head === undefined || base === '' || head === '' || more.length > 0)
    throw new InvalidArgumentError('expected two refs, as in origin/main..HEAD');
  return { base, head };
}
