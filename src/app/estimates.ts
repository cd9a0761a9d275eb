import { loadGpuConstants } from '../config/index.ts';
import { assumedInitS } from '../engines/index.ts';
import { estimatePlan, type PlanEstimate } from '../plan/estimate/index.ts';
import type { Plan } from '../plan/index.ts';
import type { SweepContext } from '../sweep/index.ts';
import { historyOf } from './history.ts';
import { RunnerNodes } from './nodes.ts';

/** Estimates a plan from earlier measurements in the store, if it exists, and otherwise from assumptions. */
export async function planEstimate(plan: Plan, storeLocation: string): Promise<PlanEstimate> {
  const history = await historyOf(plan, storeLocation);
  const isCpu = await poolsWithoutAccelerators(plan);
  return estimatePlan(plan, { gpus: await loadGpuConstants(), isCpu, initS: assumedInitS, history });
}

/** Whether a pool's file says that its nodes have no accelerators; false if the pool has no file. */
async function poolsWithoutAccelerators(plan: Plan): Promise<(hardware: string) => boolean> {
  const pools = await RunnerNodes.load(
    plan.sessions.map(({ hardware, pool = hardware }) => pool),
    { pools: new Map() },
    'assume',
  );
  const poolOf = new Map(plan.sessions.map(({ hardware, pool = hardware }) => [hardware, pool]));
  return (hardware) => pools.isCpu(poolOf.get(hardware) ?? hardware);
}

/** Seconds that the rest of each session will take; undefined if the time of one of its points is unknown. */
export async function sessionEstimates(
  plan: Plan,
  storeLocation: string,
): Promise<SweepContext['estimateS']> {
  const { sessions } = await planEstimate(plan, storeLocation);
  const loadS = new Map(plan.sessions.map(({ id }, index) => [id, sessions[index]?.loadS ?? null]));
  const runS = new Map(
    plan.sessions.flatMap(({ points }, index) =>
      points.map(({ id }, point) => [id, sessions[index]?.points[point]?.runS ?? null] as const),
    ),
  );
  return (session, items) => {
    const parts = [loadS.get(session.id), ...items.map(({ point }) => runS.get(point.id))];
    return parts.reduce<number | undefined>(
      (sum, part) => (sum === undefined || part == null ? undefined : sum + part),
      0,
    );
  };
}
