import { entryOfRow } from '../../identity/index.ts';
import { maxModelLen, seqLenName } from '../../matrix/index.ts';
import type { StoredPoint } from '../../store/index.ts';
import { publicName } from '../privacy.ts';

/** The command that measures a point again, with the matrix entry it reads; null for what a row does not say enough of. */
export function reproduce(row: StoredPoint['row']): { args: string[]; stdin: string } | null {
  // A row keeps none of the additional settings of a multi-node engine.
  if (row.is_multinode || row.tp === undefined) return null;
  const shown = { ...row, image: publicName(row.image), model: publicName(row.model) };
  const entry = entryOfRow(shown, {
    maxModelLen: maxModelLen(row.isl, row.osl),
    expName: `${row.infmax_model_prefix}_${seqLenName(row.isl, row.osl)}`,
  });
  return { args: ['inferencemax', 'run', '--entries', '-'], stdin: JSON.stringify([entry]) };
}
