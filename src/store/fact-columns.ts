import { z } from 'zod';
import { rawResultFields } from '../load/result-schema.ts';

/** A raw result of any tool; any field may be missing. */
export type RawFields = Readonly<Record<string, unknown>>;

interface FactColumn {
  readonly column: string;
  /** Null if the raw result does not have it. */
  readonly read: (raw: RawFields) => number | null;
  /** Whether exported points have it. */
  readonly exported?: true;
}

type Fields = typeof rawResultFields.shape;
type NumberField = {
  [Name in keyof Fields]: Fields[Name] extends z.ZodType<number | null> ? Name : never;
}[keyof Fields];

/** Reads a numeric field of a raw result; null if it is missing or does not match the schema. */
function field(name: NumberField): FactColumn['read'] {
  const schema = z.nullable(rawResultFields.shape[name]);
  return (raw) => schema.safeParse(raw[name]).data ?? null;
}

const powerSchema = z.looseObject({
  power: z.object({ state: z.literal('measured'), mean_w: z.number(), energy_j: z.number() }),
});
const power = (figure: 'mean_w' | 'energy_j') => (raw: RawFields) =>
  powerSchema.safeParse(raw.telemetry).data?.power[figure] ?? null;

const shareSchema = z.looseObject({ share: z.number().min(0).max(1) });
/** The share of prompt tokens that a prefix cache served, or could have served. */
const cachedShare = (name: 'prefix_cache' | 'ideal_prefix_cache') => (raw: RawFields) =>
  shareSchema.safeParse(raw[name]).data?.share ?? null;

/**
 * The figures of a raw result that have their own columns in `measurements`. A new one needs a line here and
 * a migration; ingest, the types of the table and exports follow. Measurements from before the migration have
 * null.
 */
export const factColumns = [
  { column: 'duration_s', read: field('duration') },
  { column: 'completed', read: field('completed') },
  { column: 'failed', read: field('failed') },
  { column: 'total_input_tokens', read: field('total_input_tokens') },
  { column: 'total_output_tokens', read: field('total_output_tokens') },
  { column: 'power_w', read: power('mean_w'), exported: true },
  { column: 'energy_j', read: power('energy_j'), exported: true },
  { column: 'cached_prompt_share', read: cachedShare('prefix_cache'), exported: true },
  { column: 'ideal_cached_share', read: cachedShare('ideal_prefix_cache'), exported: true },
] as const satisfies readonly FactColumn[];

type Line = (typeof factColumns)[number];
/** Total of all accelerators over the measured window. */
export type FactColumns = { readonly [One in Line as One['column']]: number | null };
export type ExportedFacts = {
  readonly [One in Extract<Line, { readonly exported: true }> as One['column']]: number | null;
};

const lines: readonly FactColumn[] = factColumns;
/** Selected with every point. */
export const exportedFacts = lines
  .filter(({ exported }) => exported === true)
  .map(({ column }) => column as keyof ExportedFacts);

/** The fact columns of a raw result. The cast is safe because the type is made from the same table. */
export function factsOf(raw: RawFields | undefined): FactColumns {
  return Object.fromEntries(
    lines.map(({ column, read }) => [column, raw === undefined ? null : read(raw)]),
  ) as FactColumns;
}

/** The columns of a measurement that are exported. */
export function exportedFactsOf(columns: ExportedFacts): ExportedFacts {
  return Object.fromEntries(exportedFacts.map((column) => [column, columns[column]])) as ExportedFacts;
}
