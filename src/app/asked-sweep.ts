import { AddedBetween } from '../changelog/index.ts';
import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import type { MatrixEntry } from '../matrix/index.ts';
import type { EngineSession, Plan } from '../plan/index.ts';
import { keyOfPoint, keyOfRow } from '../results/index.ts';
import { openStore } from '../store/index.ts';
import { type ConfigOptions, changelogSides } from './changelog-sides.ts';
import { hasStore, withStore } from './store.ts';
import type { AskedSweep } from './sweeps.ts';

/** Two git refs. */
export interface Refs {
  readonly base: string;
  readonly head: string;
}

/**
 * The entries that the changelog requests between two refs, as `changelog` prints them. Throws InputError if it requests
 * nothing that a sweep measures.
 */
export async function changedEntries(
  { base, head }: Refs,
  file: string,
  configured: ConfigOptions,
): Promise<MatrixEntry[]> {
  const sides = await changelogSides('.', base, configured);
  const entries = await (await AddedBetween.read({ repository: '.', file, base, head }, sides)).measured();
  if (entries.length > 0) return entries;
  throw new InputError([
    {
      code: 'nothing-selected',
      file,
      message: `between ${base} and ${head}, it requests only eval-only entries; a sweep evaluates each engine after its points`,
      hint: '`inferencemax changelog` prints their entries',
    },
  ]);
}

/** The part of a plan to measure, with repeats and order. */
export interface SweepQuestion {
  readonly plan: Plan;
  /** Ids of the sessions to measure; default: all of the plan. */
  readonly sessions?: readonly string[] | undefined;
  /** Entries whose sessions run before all others. */
  readonly first: readonly MatrixEntry[];
  readonly priority: (typeof priorities)[number];
  readonly repeats: number;
  readonly adaptive: boolean;
  /** Location of the store, for the times of earlier measurements. */
  readonly store: string;
}

/** Session orders: as planned, or unmeasured points first and then the oldest. */
export const priorities = ['plan', 'stale'] as const;

/** Builds the sweep for a question. Throws InputError if the plan does not have a requested session. */
export async function askedSweep(question: SweepQuestion): Promise<AskedSweep> {
  const { sessions, repeats, adaptive, store } = question;
  const plan = sessions === undefined ? question.plan : partOf(question.plan, sessions);
  const first = new Set(question.first.map((entry) => JSON.stringify(entry)));
  const isFirst = ({ points }: EngineSession) => points.some(({ entry }) => first.has(JSON.stringify(entry)));
  const ages = question.priority === 'stale' ? await oldestFirst(plan, store) : [];
  return {
    plan,
    priorities: Object.fromEntries(
      plan.sessions.map((session) => [
        session.id,
        isFirst(session) ? 0 : 1 + Math.max(0, ages.indexOf(session)),
      ]),
    ),
    ...defined({ repeats: repeats === 1 ? undefined : repeats, adaptive: adaptive || undefined }),
  };
}

function partOf(plan: Plan, ids: readonly string[]): Plan {
  const missing = ids.filter((id) => plan.sessions.every((session) => session.id !== id));
  if (missing.length > 0) {
    throw new InputError(
      `the plan has no session ${missing.join(', ')}`,
      '`inferencemax plan` with the same options lists its sessions',
      { code: 'nothing-selected' },
    );
  }
  return { ...plan, sessions: plan.sessions.filter(({ id }) => ids.includes(id)) };
}

/**
 * Sessions by their oldest point: those with a point that was never measured first, then by time of
 * measurement.
 */
async function oldestFirst(plan: Plan, location: string): Promise<EngineSession[]> {
  const measuredAt = await latestMeasurements(plan, location);
  const oldest = ({ points }: EngineSession) =>
    points
      .map(({ entry, conc, hardware }) => measuredAt.get(keyOfPoint(entry, conc, hardware)) ?? '')
      .toSorted()[0] ?? '';
  return plan.sessions.toSorted((a, b) => oldest(a).localeCompare(oldest(b)));
}

async function latestMeasurements(plan: Plan, location: string): Promise<Map<string, string>> {
  const latest = new Map<string, string>();
  if (!hasStore(location)) return latest;
  await withStore(await openStore(location, 'read'), async (store) => {
    for (const modelPrefix of new Set(plan.sessions.flatMap(modelsOf)))
      for (const { row, measuredAt } of await store.latestPoints({ modelPrefix }))
        latest.set(keyOfRow(row), measuredAt);
  });
  return latest;
}

function modelsOf({ points }: EngineSession): string[] {
  return points.map(({ entry }) => entry['model-prefix']);
}
