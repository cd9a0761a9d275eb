import {
  type AgenticEntry,
  type GeneratedEntry,
  isAgentic,
  type MatrixEntry,
  replayedEntry,
} from '../identity/entry.ts';
import { replaySettings } from '../workload/index.ts';
import type { Decision } from './decision.ts';

/** The entries of a decision, as sweeps measure them. */
export function measuredEntries({ entries }: Pick<Decision, 'entries'>): MatrixEntry[] {
  return entries.map(measuredEntry);
}

/** So that an entry is the same object wherever it is planned, checked and located. */
const replayed = new WeakMap<AgenticEntry, MatrixEntry>();

/** A generated entry as sweeps measure it: agentic ones get the context length that their sessions need. */
export function measuredEntry(entry: GeneratedEntry): MatrixEntry {
  if (!isAgentic(entry)) return entry;
  const known = replayed.get(entry);
  if (known !== undefined) return known;
  const { contextTokens } = replaySettings({
    model: entry['model-prefix'],
    durationS: entry.duration,
    traffic: entry.traffic,
  });
  const made = replayedEntry(entry, contextTokens);
  replayed.set(entry, made);
  return made;
}
