import { resultName } from '../identity/index.ts';
import { type EngineSession, type Plan, type PlannedPoint, settingsOf } from '../plan/index.ts';

/** The difference between a sweep's plan and a new one. */
export interface Replan {
  /** The new plan, plus measured points that are no longer requested. */
  readonly plan: Plan;
  /** Number of points in both plans. */
  readonly goOn: number;
  readonly added: number;
  /** Number of points that are no longer requested and were not measured. */
  readonly dropped: number;
  /** Number of points that are no longer requested but keep their results. */
  readonly kept: number;
  /** Number of measured points that the new plan would measure differently under the same result names. */
  readonly conflicts: number;
  /** Differences of the servers in words. */
  readonly changes: readonly string[];
}

/** Compares a sweep's plan with a new plan; undefined if they are the same. */
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

/** The name of a point's result, without the node. */
function nameOf({ entry, conc }: PlannedPoint): string {
  return resultName(entry, conc, '');
}

/** Adds the measured points of earlier sessions, each in the session in which it was measured. */
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

/** The differences between the sessions of points in both plans, each once. */
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
  // The id is derived from the other fields.
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
