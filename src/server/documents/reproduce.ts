import { maxModelLen, type SingleNodeEntry, seqLenName } from '../../matrix/index.ts';
import type { StoredPoint } from '../../store/index.ts';
import { publicName } from '../privacy.ts';

/** The command that measures a point again, with the matrix entry it reads; null for what a row does not say enough of. */
export function reproduce(row: StoredPoint['row']): { args: string[]; stdin: string } | null {
  // A row keeps none of the additional settings of a multi-node engine.
  if (row.is_multinode || typeof row.tp !== 'number') return null;
  const entry: SingleNodeEntry = {
    image: publicName(row.image),
    model: publicName(row.model),
    'model-prefix': row.infmax_model_prefix,
    precision: row.precision,
    framework: row.framework,
    runner: row.hw,
    isl: row.isl,
    osl: row.osl,
    tp: row.tp,
    conc: row.conc,
    'max-model-len': maxModelLen(row.isl, row.osl),
    ep: typeof row.ep === 'number' ? row.ep : 1,
    'dp-attn': String(row.dp_attention).toLowerCase() === 'true',
    'spec-decoding': row.spec_decoding,
    'exp-name': `${row.infmax_model_prefix}_${seqLenName(row.isl, row.osl)}`,
    disagg: row.disagg,
  };
  return { args: ['inferencemax', 'run', '--entries', '-'], stdin: JSON.stringify([entry]) };
}
