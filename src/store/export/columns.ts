import {
  entryRowFields,
  isProduct,
  nodeRowFields,
  type RowField,
  roleRowFields,
  valueText,
  valueTypes,
} from '../../identity/index.ts';
import { exportedFacts } from '../fact-columns.ts';
import { metricFields } from '../metric-columns.ts';
import type { StoredPoint } from '../queries/points.ts';
import { markOf } from '../sources.ts';

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

const exportTypes = ['text', 'boolean', 'integer'] as const;
const exportType = ({ line }: RowField) => valueTypes[line.type].exportType;

/** The identity columns: types first, with the concurrency after the shape, then the layout. */
const identityColumns: readonly ExportColumn[] = [
  ...exportTypes.flatMap((type) =>
    [
      ...entryRowFields.filter(({ line }) => line.part !== 'point'),
      ...entryRowFields.filter(({ line }) => line.part === 'point'),
    ]
      .filter((one) => exportType(one) === type)
      .map(({ row }) => field(row, type)),
  ),
  ...[...nodeRowFields, ...roleRowFields].map((one) => field(one.row, exportType(one))),
];

/** All exported columns: identity, then the row's fields under their own names (contract §5). */
export const exportColumns: readonly ExportColumn[] = [
  { name: 'id', type: 'text', value: ({ id }) => id },
  { name: 'sweep_id', type: 'text', value: ({ sweepId }) => sweepId },
  { name: 'source', type: 'text', value: ({ source }) => source },
  { name: 'run_url', type: 'text', value: ({ runUrl }) => runUrl },
  { name: 'mark', type: 'text', value: ({ source }) => markOf(source) },
  { name: 'configuration_id', type: 'text', value: ({ configurationId }) => configurationId },
  { name: 'measured_at', type: 'text', value: ({ measuredAt }) => measuredAt },
  { name: 'verdict', type: 'text', value: ({ verdict }) => verdict },
  ...identityColumns,
  { name: 'gpus', type: 'integer', value: ({ gpus }) => gpus },
  ...metricFields.map(([name]) => field(name, 'real')),
  ...exportedFacts.map((name): ExportColumn => ({ name, type: 'real', value: ({ facts }) => facts[name] })),
];
