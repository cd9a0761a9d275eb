import { recipeFingerprint } from '../identity/index.ts';
import { type GeneratedEntry, isMultiNode } from '../matrix/index.ts';

/**
 * Keeps each recipe at its lowest concurrency only: of single-node entries that differ only in concurrency and names, the
 * one with the lowest; of each multi-node entry, its own lowest (contract F4).
 */
export function trimmed(entries: readonly GeneratedEntry[]): GeneratedEntry[] {
  const lowest = new Map<string, GeneratedEntry>();
  for (const entry of entries) {
    if (isMultiNode(entry)) continue;
    const recipe = recipeFingerprint(entry);
    const known = lowest.get(recipe);
    if (known === undefined || Number(entry.conc) < Number(known.conc)) lowest.set(recipe, entry);
  }
  const kept = new Set(lowest.values());
  return entries.flatMap((entry): GeneratedEntry[] => {
    if (isMultiNode(entry)) return [{ ...entry, conc: [Math.min(...entry.conc)] }];
    return kept.has(entry) ? [entry] : [];
  });
}
