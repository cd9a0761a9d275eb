import { basename, isAbsolute } from 'node:path';
import { z } from 'zod';
import type { MatrixEntry, SingleNodeEntry, Values } from './entry.ts';
import { matrixEntrySchema } from './entry-json.ts';

/** The field of a row that has the definition of its workload, as JSON. */
export const definitionField = 'workload_definition';

/** The definition of an entry's workload for its row, without folders that only its machine has. */
export function definitionOf({ traffic }: MatrixEntry): { readonly [definitionField]?: string } {
  if (traffic === undefined) return {};
  const { 'dataset-path': path } = traffic;
  const isOwn = typeof path === 'string' && (isAbsolute(path) || path.startsWith('..'));
  const said = isOwn ? { ...traffic, 'dataset-path': basename(path) } : traffic;
  return { [definitionField]: JSON.stringify(said) };
}

/** An entry from a row, with the workload that the row defines; undefined if it defines none that can be sent. */
export function withDefinition(entry: SingleNodeEntry, row: Values): MatrixEntry | undefined {
  const { [definitionField]: text } = row;
  if (typeof text !== 'string') return undefined;
  try {
    return matrixEntrySchema.safeParse({ ...entry, traffic: JSON.parse(text) }).data;
  } catch {
    return undefined;
  }
}

const workloadRow = z.looseObject({
  workload: z.string(),
  scenario_type: z.string(),
  [definitionField]: z.string().optional().catch(undefined),
});

/** The kind of a row's workload, its name with digest, and its definition as JSON; undefined for fixed lengths. */
export function workloadInRow(
  row: object | undefined,
): { readonly kind: string; readonly id: string; readonly definition?: string | undefined } | undefined {
  const { data } = workloadRow.safeParse(row);
  if (data === undefined) return undefined;
  return { kind: data.scenario_type, id: data.workload, definition: data[definitionField] };
}
