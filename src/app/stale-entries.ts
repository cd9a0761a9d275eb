import type { MasterConfigs, RunnerPools } from '../config/index.ts';
import { fullSweep, type MatrixEntry } from '../matrix/index.ts';
import { type StaleEntry, staleEntries } from '../results/index.ts';
import { openStore } from '../store/index.ts';
import { planEstimate } from './estimates.ts';
import { hardwareNames, planEntries } from './planning.ts';
import { servedEntries } from './served-entries.ts';
import { hasStore, withStore } from './store.ts';

/** The configs to judge, and the store to judge them by. */
export interface StaleQuestion {
  readonly configs: MasterConfigs;
  readonly pools: RunnerPools;
  readonly configKeys?: readonly string[];
  /** Location of the store. */
  readonly store: string;
  readonly since: Date;
}

/** The stale entries of configs, and those that cannot be measured here. */
export interface Staleness {
  readonly stale: readonly StaleEntry[];
  /** Entries without a recipe. */
  readonly unserved: readonly MatrixEntry[];
}

/** The stale entries of configs; without a store, all entries that have a recipe. */
export async function staleOf({
  configs,
  pools,
  configKeys,
  store,
  since,
}: StaleQuestion): Promise<Staleness> {
  const all = fullSweep(configs, pools, configKeys === undefined ? {} : { configKeys });
  const entries = await servedEntries({ entries: all, pools });
  const served = new Set(entries);
  const stale = staleEntries(entries, await measured(store), {
    since,
    hardwareOf: await hardwareNames(entries, pools),
  });
  return { stale, unserved: all.filter((entry) => !served.has(entry)) };
}

/** The entries whose engine sessions fit into the combined time of their pools' nodes, in order. */
export async function withinBudget(
  stale: readonly StaleEntry[],
  pools: RunnerPools,
  store: string,
  budgetS: number,
): Promise<StaleEntry[]> {
  const plan = await planEntries({ entries: stale.map(({ entry }) => entry), pools });
  const { sessions: estimates } = await planEstimate(plan, store);
  const left = new Map([...pools].map(([pool, nodes]) => [pool, nodes.length * budgetS]));
  const chosen = new Set<MatrixEntry>();
  for (const [index, { hardware, pool = hardware, points }] of plan.sessions.entries()) {
    const totalS = estimates[index]?.totalS ?? null;
    // The time on an unknown GPU is unknown, so it fits into no budget.
    if (totalS === null) continue;
    const rest = (left.get(pool) ?? 0) - totalS;
    if (rest < 0) continue;
    left.set(pool, rest);
    for (const { entry } of points) chosen.add(entry);
  }
  return stale.filter(({ entry }) => chosen.has(entry));
}

async function measured(location: string) {
  if (!hasStore(location)) return [];
  return await withStore(await openStore(location, 'read'), async (store) => await store.latestPoints());
}
