import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SweepDirectory } from '../sweep/index.ts';

/** Paths of the traces that a sweep kept of its engines' profilers. */
export async function keptTraces({ profiles }: Pick<SweepDirectory, 'profiles'>): Promise<string[]> {
  const names = await readdir(profiles).catch(() => []);
  return names
    .filter((name) => !name.endsWith('.part'))
    .toSorted()
    .map((name) => join(profiles, name));
}

/** Where the traces are and how to open them; undefined if there are none. */
export function tracesInWords(traces: readonly string[]): string | undefined {
  if (traces.length === 0) return undefined;
  const title =
    'traces of the engines, for "Open trace file" at https://ui.perfetto.dev (a .txt file is a summary):';
  return [title, ...traces].join('\n  ');
}
