import { poolOf, type RunnerPools } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { InputError, type Problem } from '../errors.ts';
import type { MatrixEntry } from '../matrix/index.ts';
import { type LauncherKind, loadRecipes, type Plan, planSessions, type Sharing } from '../plan/index.ts';
import { curvesOf } from './acceptance-curves.ts';
import { RunnerNodes } from './nodes.ts';
import { recipeQuestions } from './serving-facts.ts';

/** Matrix entries and the runner pools they refer to. */
export interface Entries {
  readonly entries: readonly MatrixEntry[];
  readonly pools: RunnerPools;
  /**
   * The place of a field in a config, or in the search-space item of the entry if `ofItem`. Without a field,
   * the place where the config starts. Absent for entries that were not generated from configs.
   */
  readonly locate?: (
    entry: MatrixEntry,
    field: string | undefined,
    ofItem: boolean,
  ) => Promise<Pick<Problem, 'file' | 'line' | 'column'>>;
}

export interface PlanningOptions {
  /** Which points share an engine start. */
  readonly share?: Sharing | undefined;
  /** The launcher of all engines (default: as in the files in `runners/`). */
  readonly launcher?: LauncherKind | undefined;
}

/** Groups entries into engine sessions. */
export async function planEntries(
  { entries, pools }: Entries,
  { launcher, share }: PlanningOptions = {},
): Promise<Plan> {
  const pool = poolNameOf(pools);
  const runners = await RunnerNodes.load(entries.map(pool), { pools, launcher }, 'assume');
  const recipes = await loadRecipes(await recipeQuestions(entries, pool, runners));
  const { sessions } = planSessions(entries, {
    recipes,
    hardwareOf: (entry) => runners.hardwareOf(pool(entry)),
    poolOf: pool,
    launcherOf: (entry) => runners.launcherKind(pool(entry), entry.runner),
    curveNamed: await curvesOf(entries),
    ...defined({ sharing: share }),
  });
  return { ...defined({ launcher }), sessions };
}

/** The hardware names that results use, by entry. */
export async function hardwareNames(
  entries: readonly MatrixEntry[],
  pools: RunnerPools,
): Promise<(entry: MatrixEntry) => string> {
  const pool = poolNameOf(pools);
  const runners = await RunnerNodes.load(entries.map(pool), { pools }, 'assume');
  return (entry) => runners.hardwareOf(pool(entry));
}

/** The pool that an entry's runner is or belongs to. Throws InputError if it is neither. */
export function poolNameOf(pools: RunnerPools): (entry: MatrixEntry) => string {
  return ({ runner }) => {
    const pool = poolOf(runner, pools);
    if (pool !== undefined) return pool;
    throw new InputError(
      `runner '${runner}' is neither a pool nor a node of one`,
      `the pools are ${[...pools.keys()].join(', ')}`,
      { code: 'unknown-runner' },
    );
  };
}
