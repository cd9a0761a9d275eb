import type { History } from '../plan/estimate/index.ts';
import type { EngineSession, Plan } from '../plan/index.ts';
import { keyOfPoint, keyOfRow } from '../results/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { hasStore } from './store.ts';

/** Number of sweeps whose engine starts are read, newest first. */
const recentSweeps = 50;

/**
 * Reads the times of engines and points like those of a plan from the store; undefined if there is no store.
 */
export async function historyOf(plan: Plan, location: string): Promise<History | undefined> {
  if (!hasStore(location)) return undefined;
  const store = await openStore(location, 'read');
  try {
    const loads = await recentLoads(store);
    const rates = await requestRates(store, plan);
    return {
      loadS: (session) => loads.get(session.id) ?? loads.get(likeness(session)),
      requestRate: (point) => rates.get(keyOfPoint(point.entry, point.conc, point.hardware)),
    };
  } finally {
    await store.close();
  }
}

/** Seconds until ready, by session id and by the key of comparable starts. */
async function recentLoads(store: Store): Promise<Map<string, number>> {
  const loads = new Map<string, number>();
  const { items } = await store.sweeps({ limit: recentSweeps });
  for (const { id } of items) {
    for (const start of (await store.sweep(id))?.sessions ?? []) {
      if (start.readyAfterS === null) continue;
      const alike = likeness({ ...start, hardware: start.hw });
      for (const key of [start.sessionId, alike]) {
        if (!loads.has(key)) loads.set(key, start.readyAfterS);
      }
    }
  }
  return loads;
}

function likeness(session: Pick<EngineSession, 'hardware' | 'framework' | 'image' | 'model'>): string {
  return [session.hardware, session.framework, session.image, session.model].join(' ');
}

/** Completed requests per second by point, from the throughput of the latest row. */
async function requestRates(store: Store, plan: Plan): Promise<Map<string, number>> {
  const rates = new Map<string, number>();
  const charts = new Map(
    plan.sessions.flatMap(({ points }) =>
      points.map(({ entry }) => [`${entry['model-prefix']} ${entry.isl} ${entry.osl}`, entry] as const),
    ),
  );
  for (const { 'model-prefix': modelPrefix, isl, osl } of charts.values()) {
    for (const { row, gpus } of await store.latestPoints({ modelPrefix, isl, osl })) {
      if (row.tput_per_gpu === null) continue;
      const tokensPerS = row.tput_per_gpu * gpus;
      // Lengths are uniform in [0.8, 1] of the nominal length (contract §4).
      rates.set(keyOfRow(row), tokensPerS / (0.9 * (isl + osl)));
    }
  }
  return rates;
}
