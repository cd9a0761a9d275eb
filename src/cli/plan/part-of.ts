import { InputError } from '../../errors.ts';
import type { Plan } from '../../plan/index.ts';

/** The part of a plan with the named sessions; throws InputError, with `hint`, naming those that the plan does not have. */
export function partOf(plan: Plan, ids: readonly string[], hint: string): Plan {
  const missing = ids.filter((id) => plan.sessions.every((session) => session.id !== id));
  if (missing.length > 0) throw new InputError(`the plan has no session ${missing.join(', ')}`, hint);
  return { ...plan, sessions: plan.sessions.filter(({ id }) => ids.includes(id)) };
}
