import { isProduct, valueText } from '../../identity/index.ts';
import { layoutFields } from '../../results/index.ts';
import { metricFields } from '../metric-columns.ts';
import type { StoredPoint } from '../queries/points.ts';

export type ExportValue = string | number | boolean | null;

/** A column of an exported table of points. */
export interface ExportColumn {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'real' | 'boolean';
  readonly value: (point: StoredPoint) => ExportValue;
}

const field = (name: string, type: ExportColumn['type']): ExportColumn => ({
  name,
  type,
  value: ({ row }) => {
    const value = row[name];
    return isProduct(value) ? valueText(value) : (value ?? null);
  },
});

/** What is exported of a point: what identifies it, then the fields of its row by their own names (contract §5). */
export const exportColumns: readonly ExportColumn[] = [
  { name: 'id', type: 'text', value: ({ id }) => id },
  { name: 'sweep_id', type: 'text', value: ({ sweepId }) => sweepId },
  { name: 'configuration_id', type: 'text', value: ({ configurationId }) => configurationId },
  { name: 'measured_at', type: 'text', value: ({ measuredAt }) => measuredAt },
  { name: 'verdict', type: 'text', value: ({ verdict }) => verdict },
  ...['hw', 'image', 'model', 'infmax_model_prefix', 'framework', 'precision', 'spec_decoding'].map((name) =>
    field(name, 'text'),
  ),
  ...['disagg', 'is_multinode'].map((name) => field(name, 'boolean')),
  ...['isl', 'osl', 'conc'].map((name) => field(name, 'integer')),
  ...layoutFields.map((name) => field(name, name.endsWith('dp_attention') ? 'text' : 'integer')),
  { name: 'gpus', type: 'integer', value: ({ gpus }) => gpus },
  ...metricFields.map(([name]) => field(name, 'real')),
  { name: 'power_w', type: 'real', value: ({ powerW }) => powerW },
  { name: 'energy_j', type: 'real', value: ({ energyJ }) => energyJ },
];
