import { resultName } from '../identity/index.ts';
import { type EngineSession, type Plan, type PlannedPoint, settingsOf } from '../plan/index.ts';

/** What became of a sweep's plan after what it was made of has changed. */
export interface Replan {
  /** The new plan, with what was measured and is not asked for any more. */
  readonly plan: Plan;
  /** Points that are in both plans. */
  readonly goOn: number;
  readonly added: number;
  /** Points that are asked for no longer and were not measured. */
  readonly dropped: number;
  /** Points that are asked for no longer and whose results are kept. */
  readonly kept: number;
  /** Measured points that the new plan would measure again in another way: their results have the same names. */
  readonly conflicts: number;
  /** What is different about the servers, in words. */
  readonly changes: readonly string[];
}

/** Compares what a sweep planned with what would be planned now; undefined if that is the same. */
export function replan(before: Plan, now: Plan, measured: ReadonlySet<string>): Replan | undefined {
  const [old, fresh] = [pointsOf(before), pointsOf(now)];
  const added = [...fresh.values()].filter(({ id }) => !old.has(id));
  const gone = [...old.values()].filter(({ id }) => !fresh.has(id));
  if (added.length === 0 && gone.length === 0) return undefined;
  const kept = gone.filter(({ id }) => measured.has(id));
  const names = new Set(added.map(nameOf));
  return {
    plan: {
      ...now,
      sessions: withMeasured(now.sessions, before.sessions, new Set(kept.map(({ id }) => id))),
    },
    goOn: fresh.size - added.length,
    added: added.length,
    dropped: gone.length - kept.length,
    kept: kept.length,
    conflicts: kept.filter((point) => names.has(nameOf(point))).length,
    changes: changesOf(before, now),
  };
}

function pointsOf(plan: Plan): Map<string, PlannedPoint> {
  return new Map(plan.sessions.flatMap(({ points }) => points.map((point) => [point.id, point] as const)));
}

/** What its result is called on any one node. */
function nameOf({ entry, conc }: PlannedPoint): string {
  return resultName(entry, conc, '');
}

/** Sessions with the points of earlier ones that were measured, each in the session that it was measured in. */
function withMeasured(
  sessions: readonly EngineSession[],
  earlier: readonly EngineSession[],
  ids: ReadonlySet<string>,
): EngineSession[] {
  const all = new Map(sessions.map((session) => [session.id, session]));
  for (const session of earlier) {
    const points = session.points.filter(({ id }) => ids.has(id));
    if (points.length === 0) continue;
    const same = all.get(session.id);
    all.set(
      session.id,
      same === undefined ? { ...session, points } : { ...same, points: [...points, ...same.points] },
    );
  }
  return [...all.values()];
}

/** What differs between the sessions of a point in two plans, each difference once. */
function changesOf(before: Plan, now: Plan): string[] {
  const sessionsNow = new Map(
    now.sessions.flatMap((session) => session.points.map((point) => [nameOf(point), session] as const)),
  );
  const changes = before.sessions.flatMap((session) =>
    session.points.flatMap((point) => {
      const other = sessionsNow.get(nameOf(point));
      return other === undefined ? [] : differences(session, other);
    }),
  );
  return [...new Set(changes)];
}

function differences(before: EngineSession, now: EngineSession): string[] {
  const textsNow = new Map(Object.entries(now));
  // The id follows from everything else.
  const fields = Object.entries(before).flatMap(([field, value]) =>
    field === 'id' || typeof value !== 'string' || textsNow.get(field) === value
      ? []
      : [`${field} ${value} is now ${textsNow.get(field)}`],
  );
  const [settings, settingsNow] = [settingsOf(before.server), settingsOf(now.server)];
  const names = new Set([...settings.keys(), ...settingsNow.keys()]);
  const changed = [...names].filter((name) => settings.get(name) !== settingsNow.get(name));
  return [
    ...fields,
    ...changed.map(
      (name) => `${name} ${settings.get(name) ?? 'unset'} is now ${settingsNow.get(name) ?? 'unset'}`,
    ),
  ];
}
