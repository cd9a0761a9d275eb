import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { InputError, messageOf } from '../../errors.ts';

/** One request of `profile_export.jsonl`. */
export type AgenticRecord = z.infer<typeof recordSchema>;

const recordSchema = z.looseObject({
  metadata: z
    .looseObject({
      benchmark_phase: z.unknown().optional(),
      request_start_ns: z.unknown().optional(),
      request_end_ns: z.unknown().optional(),
      conversation_id: z.unknown().optional(),
      turn_index: z.unknown().optional(),
      expected_output_tokens: z.unknown().optional(),
    })
    .optional(),
  metrics: z.record(z.string(), z.unknown()).optional(),
  error: z.unknown().optional(),
});

/** How many records there are, and why some are in no figure. */
export interface RequestAccounting {
  readonly records_total: number;
  readonly records_profiled: number;
  readonly records_dropped_total: number;
  readonly records_warmup_dropped: number;
  readonly records_error_dropped: number;
  readonly error_categories: Readonly<Record<string, number>>;
}

export interface CountedRecords {
  /** Successful requests of the measured phase. */
  readonly records: readonly AgenticRecord[];
  readonly accounting: RequestAccounting;
}

/** Reads the records of a file. Throws InputError with the line of the first that is not one. */
export async function readRecords(file: string): Promise<CountedRecords> {
  const records: AgenticRecord[] = [];
  const categories = new Map<string, number>();
  let total = 0;
  let warmUp = 0;
  let failed = 0;
  for await (const record of recordsIn(file)) {
    total++;
    const phase = record.metadata?.benchmark_phase ?? null;
    const isWarmUp = phase !== null && phase !== 'profiling';
    const category = categoryOf(record.error);
    if (isWarmUp) warmUp++;
    if (category !== undefined) {
      failed++;
      categories.set(category, (categories.get(category) ?? 0) + 1);
    }
    if (!isWarmUp && category === undefined) records.push(record);
  }
  return {
    records,
    accounting: {
      records_total: total,
      records_profiled: records.length,
      records_dropped_total: total - records.length,
      records_warmup_dropped: warmUp,
      records_error_dropped: failed,
      error_categories: Object.fromEntries(categories),
    },
  };
}

async function* recordsIn(file: string): AsyncGenerator<AgenticRecord> {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line++;
    if (text.trim() === '') continue;
    const parsed = recordSchema.safeParse(parse(text, { file, line }));
    if (!parsed.success) {
      throw new InputError([
        { file, line, message: 'expected an object with metadata and metrics of a request' },
      ]);
    }
    yield parsed.data;
  }
}

/** Nanoseconds since 1970 have more digits than a number holds. */
const timesInNs = new Set(['request_start_ns', 'request_end_ns']);

function parse(text: string, place: { readonly file: string; readonly line: number }): unknown {
  try {
    return JSON.parse(text, (key, value: unknown, { source }) =>
      timesInNs.has(key) && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value,
    );
  } catch (error) {
    throw new InputError([{ ...place, message: `not JSON: ${messageOf(error)}` }]);
  }
}

const longestCategory = 120;

/** The kind of a request's error; undefined if it has none. */
function categoryOf(error: unknown): string | undefined {
  if (isNothing(error)) return undefined;
  const fields = isObject(error) ? new Map(Object.entries(error)) : undefined;
  const named = ['type', 'error_type', 'code', 'class', 'status'].map((name) => fields?.get(name) ?? '');
  const name = named.find((value) => value !== '');
  if (name !== undefined) return String(name);
  const message = fields === undefined ? error : fields.get('message') || fields.get('error');
  const [first = ''] = String(message ?? '')
    .trim()
    .split(/\r?\n/, 1);
  return (first.split(':', 1)[0] || 'unknown').slice(0, longestCategory);
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A metric of each record that has it, as a number. */
export function metricOf(records: readonly AgenticRecord[], name: string): readonly number[] {
  return records.flatMap((record) => {
    const value = numberOf(metricIn(record, name));
    return value === null ? [] : [value];
  });
}

/** The same for a count: fractions are cut off. */
export function countsOf(records: readonly AgenticRecord[], name: string): readonly number[] {
  return records.flatMap((record) => {
    const value = metricIn(record, name);
    const count = typeof value === 'string' && !/^\s*[-+]?\d+\s*$/.test(value) ? null : numberOf(value);
    return count === null || !Number.isFinite(count) ? [] : [Math.trunc(count)];
  });
}

export function metricIn({ metrics }: AgenticRecord, name: string): unknown {
  const metric = metrics?.[name];
  return isObject(metric) ? Reflect.get(metric, 'value') : metric;
}

/** A number, or a text that is one; null for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isNaN(number) ? null : number;
}
