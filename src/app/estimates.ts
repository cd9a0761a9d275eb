import { loadGpuConstants } from '../config/index.ts';
import { assumedInitS } from '../engines/index.ts';
import { estimatePlan, type PlanEstimate } from '../plan/estimate/index.ts';
import type { Plan } from '../plan/index.ts';
import type { SweepContext } from '../sweep/index.ts';
import { historyOf } from './history.ts';

/** The estimate of a plan: by earlier measurements in the store, if one exists, and otherwise by assumptions. */
export async function planEstimate(plan: Plan, storeLocation: string): Promise<PlanEstimate> {
  const history = await historyOf(plan, storeLocation);
  return estimatePlan(plan, { gpus: await loadGpuConstants(), initS: assumedInitS, history });
}

/** How long what is left of a session will take, seconds. */
export async function sessionEstimates(
  plan: Plan,
  storeLocation: string,
): Promise<SweepContext['estimateS']> {
  const { sessions } = await planEstimate(plan, storeLocation);
  const loadS = new Map(plan.sessions.map(({ id }, index) => [id, sessions[index]?.loadS ?? 0]));
  const runS = new Map(
    plan.sessions.flatMap(({ points }, index) =>
      points.map(({ id }, point) => [id, sessions[index]?.points[point]?.runS ?? 0] as const),
    ),
  );
  return (session, items) =>
    items.reduce((sum, { point }) => sum + (runS.get(point.id) ?? 0), loadS.get(session.id) ?? 0);
}
