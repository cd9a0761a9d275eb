import { loadGpuConstants } from '../config/index.ts';
import { assumedInitS } from '../engines/index.ts';
import { estimatePlan, type PlanEstimate } from '../plan/estimate/index.ts';
import type { Plan } from '../plan/index.ts';
import type { SweepContext } from '../sweep/index.ts';
import { historyOf } from './history.ts';
import { RunnerNodes } from './nodes.ts';

/** The estimate of a plan: by earlier measurements in the store, if one exists, and otherwise by assumptions. */
export async function planEstimate(plan: Plan, storeLocation: string): Promise<PlanEstimate> {
  const history = await historyOf(plan, storeLocation);
  const isCpu = await poolsWithoutAccelerators(plan);
  return estimatePlan(plan, { gpus: await loadGpuConstants(), isCpu, initS: assumedInitS, history });
}

/** Whether the file of a pool says that its nodes have no accelerators; of a pool without a file that is not known. */
async function poolsWithoutAccelerators(plan: Plan): Promise<(hardware: string) => boolean> {
  const pools = await RunnerNodes.load(
    plan.sessions.map(({ hardware, pool = hardware }) => pool),
    { pools: new Map() },
    'assume',
  );
  const poolOf = new Map(plan.sessions.map(({ hardware, pool = hardware }) => [hardware, pool]));
  return (hardware) => pools.isCpu(poolOf.get(hardware) ?? hardware);
}

/** How long what is left of a session will take, seconds; undefined if that of a point is unknown. */
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
