import { recipeFingerprint } from '../identity/index.ts';
import { type GeneratedEntry, isMultiNode } from '../matrix/index.ts';

/**
 * Each recipe at its lowest concurrency only: of entries on one node that differ in nothing else but their names the one
 * with the lowest, of each entry on several nodes its lowest (contract F4).
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
