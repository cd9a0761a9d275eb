import { loadGpuConstants } from '../../config/index.ts';
import { estimatePlan } from '../../plan/estimate/index.ts';
import type { Plan } from '../../plan/index.ts';
import type { SweepContext } from '../../sweep/index.ts';
import { historyOf } from '../plan/history.ts';

/** How long what is left of a session will take: by earlier measurements in the store, and else by assumptions. */
export async function estimatesOf(plan: Plan, storePath: string): Promise<SweepContext['estimateS']> {
  const history = await historyOf(plan, storePath);
  const { sessions } = estimatePlan(plan, await loadGpuConstants(), history);
  const loadS = new Map(plan.sessions.map(({ id }, index) => [id, sessions[index]?.loadS ?? 0]));
  const runS = new Map(
    plan.sessions.flatMap(({ points }, index) =>
      points.map(({ id }, point) => [id, sessions[index]?.points[point]?.runS ?? 0] as const),
    ),
  );
  return (session, items) =>
    items.reduce((sum, { point }) => sum + (runS.get(point.id) ?? 0), loadS.get(session.id) ?? 0);
}
