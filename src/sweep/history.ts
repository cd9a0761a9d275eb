import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineSession } from '../plan/index.ts';
import { type JournalLine, readJournal } from './journal.ts';
import type { WorkItem } from './session-work.ts';

/** How long things took in earlier sweeps, seconds: the latest of each. */
export interface History {
  /** From an engine's start until it was ready, by session id. */
  readonly readyS: ReadonlyMap<string, number>;
  /** One measurement with its warm-up, by point id. */
  readonly pointS: ReadonlyMap<string, number>;
}

/** So many sweeps are looked at, the newest first. */
const sweepsRead = 100;

/** What the journals below a folder of runs tell of times. One that cannot be read tells nothing. */
export async function readHistory(runsFolder: string): Promise<History> {
  const names = await readdir(runsFolder).catch(() => []);
  // Ids end with the time: `run-20260114-101500-3f9a`.
  const newest = names.toSorted((a, b) => timeIn(b).localeCompare(timeIn(a))).slice(0, sweepsRead);
  const journals = await Promise.all(
    newest.map(async (name) => await readJournal(join(runsFolder, name, 'journal.jsonl')).catch(() => [])),
  );
  return historyOf(journals.toReversed().flat());
}

function timeIn(sweepId: string): string {
  return /\d{8}-\d{6}-.*$/.exec(sweepId)?.[0] ?? '';
}

export function historyOf(lines: readonly JournalLine[]): History {
  const readyS = new Map<string, number>();
  const pointS = new Map<string, number>();
  for (const line of lines) {
    if (line.type === 'engine-ready') readyS.set(line.sessionId, line.afterS);
    if (line.type === 'point-finished' && line.tookS !== undefined) pointS.set(line.pointId, line.tookS);
  }
  return { readyS, pointS };
}

/**
 * How long a session's measurements will take with one engine start, seconds; undefined where none of them was ever
 * made. One that was not is taken to be as long as the others are on average.
 */
export function estimateS(
  session: EngineSession,
  items: readonly WorkItem[],
  { readyS, pointS }: History,
): number | undefined {
  const known = items.flatMap(({ point }) => pointS.get(point.id) ?? []);
  if (known.length === 0) return undefined;
  const mean = known.reduce((sum, seconds) => sum + seconds, 0) / known.length;
  return (readyS.get(session.id) ?? 0) + mean * items.length;
}
