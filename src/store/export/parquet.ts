import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { StoredPoint } from '../queries/points.ts';
import { type ExportColumn, exportColumns } from './columns.ts';
import type { PointSink } from './sink.ts';

const types: Readonly<Record<ExportColumn['type'], Partial<SchemaElement>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT32' },
  real: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
};

/** Apache Parquet, with one row group per write. */
export async function parquetSink(file: string): Promise<PointSink> {
  const schema: SchemaElement[] = [
    { name: 'points', num_children: exportColumns.length },
    ...exportColumns.map(
      ({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...types[type] }),
    ),
  ];
  const writer = new ParquetWriter({ writer: fileWriter(file), schema });
  return {
    write: async (points: readonly StoredPoint[]) => {
      const columnData = exportColumns.map(({ name, value }) => ({ name, data: points.map(value) }));
      await writer.write({ columnData, rowGroupSize: points.length });
    },
    close: async () => await writer.finish(),
  };
}
