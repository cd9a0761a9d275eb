import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import {
  loadGpuConstants,
  loadMasterConfigs,
  loadRunnerPools,
  type MasterConfigs,
  type RunnerPools,
} from '../../config/index.ts';
import { fullSweep, type MatrixEntry } from '../../matrix/index.ts';
import { estimatePlan } from '../../plan/estimate/index.ts';
import { type StaleEntry, staleEntries } from '../../results/index.ts';
import { openStore } from '../../store/index.ts';
import { defaultConfigFiles, defaultRunnerConfig } from '../default-files.ts';
import { durationS } from '../duration.ts';
import { hardwareOf } from '../entries.ts';
import { jsonOption, stateDirOption } from '../options.ts';
import { historyOf } from '../plan/history.ts';
import { StateFolder } from '../state-folder.ts';
import { planEntries } from './plan.ts';

interface StaleOptions {
  readonly stateDir: string;
  readonly configFiles?: readonly string[];
  readonly runnerConfig?: string;
  readonly configKeys?: readonly string[];
  readonly olderThan: number;
  readonly timeBudget?: number;
  readonly explain?: true;
}

/** `inferencemax stale`: matrix entries whose newest measurement is too old, or that have none. */
export function command(): Command {
  return new Command('stale')
    .description(
      'Prints the matrix entries that were not measured lately with the image their config names: those never measured first, then the oldest.',
    )
    .addOption(stateDirOption())
    .addOption(new Option('--config-files <files...>', 'master configs (default: the checked-in ones)'))
    .addOption(new Option('--runner-config <file>', 'runner pools (default: the checked-in one)'))
    .addOption(new Option('--config-keys <keys...>', 'only these configs; * is a wildcard'))
    .addOption(
      new Option('--older-than <duration>', 'how old a measurement may be, such as 36h or 7d')
        .argParser(durationS)
        .default(durationS('7d'), '7d'),
    )
    .addOption(
      new Option(
        '--time-budget <duration>',
        'only as many, the most urgent first, as the nodes of each pool will do in so long, such as 6h',
      ).argParser(durationS),
    )
    .addOption(new Option('--explain', 'say in words when each was measured last'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax stale --older-than 7d | inferencemax run --entries - --time-budget 6h',
    )
    .action(async (options: StaleOptions) => {
      const [configs, pools] = await Promise.all([
        loadMasterConfigs(options.configFiles ?? defaultConfigFiles()),
        loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig()),
      ]);
      const state = new StateFolder(options.stateDir);
      const stale = await staleOf({
        configs,
        pools,
        ...(options.configKeys === undefined ? {} : { configKeys: options.configKeys }),
        state,
        since: new Date(Date.now() - options.olderThan * 1000),
      });
      const chosen =
        options.timeBudget === undefined
          ? stale
          : await withinBudget(stale, pools, state, options.timeBudget);
      process.stdout.write(
        options.explain
          ? chosen.map(inWords).join('')
          : `${JSON.stringify(chosen.map(({ entry }) => entry))}\n`,
      );
    });
}

/** What is judged, and by which store. */
export interface StaleQuestion {
  readonly configs: MasterConfigs;
  readonly pools: RunnerPools;
  readonly configKeys?: readonly string[];
  readonly state: StateFolder;
  readonly since: Date;
}

/** The stale entries of configs, judged by the store of a state folder; without a store, all of them. */
export async function staleOf({
  configs,
  pools,
  configKeys,
  state,
  since,
}: StaleQuestion): Promise<StaleEntry[]> {
  const entries = fullSweep(configs, pools, configKeys === undefined ? {} : { configKeys });
  return staleEntries(entries, await measured(state), { since, hardwareOf: hardwareOf(pools) });
}

/** Those whose engine sessions fit into the time that the nodes of their pools have together, in order. */
async function withinBudget(
  stale: readonly StaleEntry[],
  pools: RunnerPools,
  state: StateFolder,
  budgetS: number,
): Promise<StaleEntry[]> {
  const plan = await planEntries({ entries: stale.map(({ entry }) => entry), pools });
  const history = await historyOf(plan, state.store);
  const { sessions: estimates } = estimatePlan(plan, await loadGpuConstants(), history);
  const left = new Map([...pools].map(([pool, nodes]) => [pool, nodes.length * budgetS]));
  const chosen = new Set<MatrixEntry>();
  for (const [index, { hardware, points }] of plan.sessions.entries()) {
    const rest = (left.get(hardware) ?? 0) - (estimates[index]?.totalS ?? 0);
    if (rest < 0) continue;
    left.set(hardware, rest);
    for (const { entry } of points) chosen.add(entry);
  }
  const within = stale.filter(({ entry }) => chosen.has(entry));
  if (within.length < stale.length) {
    process.stderr.write(
      `${stale.length - within.length} of ${stale.length} stale entries do not fit into the time\n`,
    );
  }
  return within;
}

async function measured(state: StateFolder) {
  if (!existsSync(state.store)) return [];
  const store = await openStore(state.store);
  try {
    return await store.latestPoints();
  } finally {
    await store.close();
  }
}

function inWords({ entry, measuredAt }: StaleEntry): string {
  const when = measuredAt === undefined ? 'never measured' : `measured ${measuredAt.slice(0, 10)}`;
  return `${when}  ${entry['exp-name']} ${entry.precision} ${entry.framework} on ${entry.runner} at concurrency ${[entry.conc].flat().join(' ')}\n`;
}
