import { type GpuConstants, loadGpuConstants, poolOf } from '../../config/index.ts';
import { defined } from '../../defined/defined.ts';
import { InputError, type Problem } from '../../errors.ts';
import { fieldsOfConfig } from '../../identity/index.ts';
import type { MatrixEntry } from '../../matrix/index.ts';
import {
  chooseRecipe,
  type EngineSession,
  loadRecipes,
  planSessions,
  UnheededField,
} from '../../plan/index.ts';
import { nodesFor } from '../../sweep/index.ts';
import { curvesOf } from '../acceptance-curves.ts';
import { RunnerNodes } from '../nodes.ts';
import type { Entries, PlanningOptions } from '../planning.ts';
import { servingFacts } from '../serving-facts.ts';
import type { CheckSubject } from './check.ts';

/** The subjects of entries, and the problems of entries for which none could be made. */
export interface CheckSubjects {
  readonly subjects: readonly CheckSubject[];
  readonly problems: readonly Problem[];
}

/** Groups entries that are served in the same way, with their nodes and sessions. */
export async function subjectsOf(
  { entries, pools }: Pick<Entries, 'entries' | 'pools'>,
  options: PlanningOptions,
  planned: readonly EngineSession[] | undefined,
): Promise<CheckSubjects> {
  const gpus = await loadGpuConstants();
  const problems: Problem[] = [];
  const reached = new Map<string, RunnerNodes | undefined>();
  const subjects: CheckSubject[] = [];
  for (const alike of Map.groupBy(entries, (entry) =>
    JSON.stringify(fieldsOfConfig.map((field) => entry[field])),
  ).values()) {
    const [entry] = alike;
    const pool = entry === undefined ? undefined : poolOf(entry.runner, pools);
    if (entry === undefined || pool === undefined) continue;
    if (!reached.has(pool)) {
      const { value, problems: own } = await orProblems(
        RunnerNodes.load([pool], { pools, launcher: options.launcher }, 'assume'),
      );
      problems.push(...own);
      reached.set(pool, value);
    }
    const runners = reached.get(pool);
    if (runners !== undefined)
      subjects.push(await subjectOf(alike, entry, pool, { runners, options, gpus, planned }));
  }
  return { subjects, problems };
}

interface Known {
  readonly runners: RunnerNodes;
  readonly options: PlanningOptions;
  readonly gpus: readonly GpuConstants[];
  readonly planned: readonly EngineSession[] | undefined;
}

async function subjectOf(
  entries: readonly MatrixEntry[],
  entry: MatrixEntry,
  pool: string,
  { runners, options, gpus, planned }: Known,
): Promise<CheckSubject> {
  const hardware = runners.hardwareOf(pool);
  const facts = await servingFacts(entry, pool, runners, gpus);
  const chosen = chooseRecipe({ entry, hardware, facts });
  const own = planned?.filter(({ points }) => points.some((point) => entries.includes(point.entry)));
  const {
    value = [],
    problems: planning,
    error,
  } = own !== undefined || chosen === undefined
    ? { value: own, problems: [], error: undefined }
    : await orProblems(sessionsOf(entries, { pool, hardware, facts }, runners, options));
  return {
    entry,
    entries,
    hardware,
    pool,
    facts,
    chosen,
    poolFile: runners.fileOf(pool),
    nodes: nodesFor({ hardware: pool, runner: entry.runner }, runners.all),
    everyNode: runners.all,
    sessions: value,
    planning,
    isUnheeded: error instanceof UnheededField,
    gpus,
  };
}

async function sessionsOf(
  entries: readonly MatrixEntry[],
  { pool, hardware, facts }: Pick<CheckSubject, 'pool' | 'hardware' | 'facts'>,
  runners: RunnerNodes,
  { share }: PlanningOptions,
): Promise<readonly EngineSession[]> {
  const recipes = await loadRecipes(entries.map((entry) => ({ entry, hardware, facts })));
  return planSessions(entries, {
    recipes,
    hardwareOf: () => hardware,
    poolOf: () => pool,
    launcherOf: ({ runner }) => runners.launcherKind(pool, runner),
    curveNamed: await curvesOf(entries),
    ...defined({ sharing: share }),
  }).sessions;
}

/** The result of work, or the problems of the InputError that it throws. */
async function orProblems<T>(
  work: Promise<T>,
): Promise<{ readonly value?: T; readonly problems: readonly Problem[]; readonly error?: InputError }> {
  try {
    return { value: await work, problems: [] };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { problems: error.problems, error };
  }
}
