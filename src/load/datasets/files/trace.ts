import { basename } from 'node:path';
import { defined } from '../../../defined/defined.ts';
import { shardOf } from '../../shards.ts';
import type { DatasetOptions, MadeDataset } from '../options.ts';
import type { GivenPrompt } from '../texts.ts';
import { blockTokensOf } from './block-size.ts';
import { contextLimitOf } from './context-limit.ts';
import { count, wrongFile } from './problem.ts';

/** A request of a recorded trace. */
export interface TraceRow {
  readonly line: number;
  /** When it arrived, in milliseconds from any origin; undefined if the trace has no times. */
  readonly timestampMs: number | undefined;
  readonly outputTokens: number;
  /** The prompt: its length with the keys of its leading blocks, or its content if the trace has it. */
  readonly input: TraceLengths | GivenPrompt;
}

interface TraceLengths {
  readonly inputTokens: number;
  /** Equal keys mean equal tokens. */
  readonly blocks: readonly BlockKey[];
}

/** Strings and whole numbers of any size; keys that are written differently are different. */
export type BlockKey = string | number | bigint;

/**
 * Determines what part of a trace is sent: its rows in order of time, or in file order if they have no times; all rows
 * unless --num-prompts limits them. `skipped` are notes about rows that were skipped before. Throws LoadError.
 */
export async function makeTrace(
  file: string,
  rows: readonly TraceRow[],
  options: DatasetOptions,
  skipped: readonly string[],
): Promise<MadeDataset> {
  const notes = [...skipped];
  const fitting = await withinContext(rows, options, notes);
  if (fitting.length === 0) {
    const why = notes.length === 0 ? '' : `: ${notes.join('; ')}`;
    throw wrongFile({ file, line: 1 }, `no request can be sent${why}`);
  }
  const ordered = inOrderOfTime(file, fitting, notes);
  const { numPrompts: asked = ordered.length, seed = 0, shard, traceSpeedup = 1 } = options;
  const sent = ordered.slice(0, asked);
  if (sent.length < ordered.length) {
    notes.push(
      `the first ${sent.length.toLocaleString('en-US')} of ${count(ordered.length, 'request')} are sent (--num-prompts)`,
    );
  } else if (asked > ordered.length) {
    notes.push(
      `it has ${count(ordered.length, 'request')}, fewer than the ${asked} requested, and a trace is sent once`,
    );
  }
  const part = shardOf(
    sent.map((row, position) => ({ ...row, position })),
    shard,
  );
  const dataset = datasetOf(file, part, fitting, options, notes);
  const startMs = ordered[0]?.timestampMs;
  if (startMs === undefined) {
    notes.push('it has no times: requests are sent at --request-rate, or as --max-concurrency allows');
  }
  return {
    dataset: dataset.kind === 'trace' ? { ...dataset, seed } : dataset,
    ...defined({
      arrivals:
        startMs === undefined
          ? undefined
          : {
              kind: 'trace' as const,
              timestampsMs: part.map(({ timestampMs = startMs }) => (timestampMs - startMs) / traceSpeedup),
            },
    }),
    numPrompts: part.length,
    notes: notes.map((note) => `${basename(file)}: ${note}`),
  };
}

async function withinContext(
  rows: readonly TraceRow[],
  options: DatasetOptions,
  notes: string[],
): Promise<readonly TraceRow[]> {
  const limit = await contextLimitOf(options);
  if (limit === undefined) return rows;
  const fitting = rows.filter(({ input, outputTokens }) =>
    'inputTokens' in input ? input.inputTokens + outputTokens <= limit.tokens : limit.fits(input),
  );
  const left = rows.length - fitting.length;
  if (left > 0) {
    notes.push(
      `${left.toLocaleString('en-US')} of ${count(rows.length, 'request')} skipped: prompt and reply are longer than ${count(limit.tokens, 'token')}`,
    );
  }
  return fitting;
}

/** Sorts rows by their times; either all rows have a time or none does. */
function inOrderOfTime(file: string, rows: readonly TraceRow[], notes: string[]): readonly TraceRow[] {
  const without = rows.find(({ timestampMs }) => timestampMs === undefined);
  const hasTimes = rows.some(({ timestampMs }) => timestampMs !== undefined);
  if (!hasTimes) return rows;
  if (without !== undefined) {
    throw wrongFile({ file, line: without.line }, 'this row has no timestamp, but others have one');
  }
  const timeOf = ({ timestampMs = 0 }: TraceRow): number => timestampMs;
  let latest = Number.NEGATIVE_INFINITY;
  let late = 0;
  for (const row of rows) {
    if (timeOf(row) < latest) late++;
    latest = Math.max(latest, timeOf(row));
  }
  if (late === 0) return rows;
  notes.push(
    `${late.toLocaleString('en-US')} of ${count(rows.length, 'row')} are out of order: requests are sent sorted by time`,
  );
  return rows.toSorted((a, b) => timeOf(a) - timeOf(b));
}

type Positioned = TraceRow & { readonly position: number };

/** `all` are the rows of every shard: the same keys must be the same blocks in each. */
function datasetOf(
  file: string,
  part: readonly Positioned[],
  all: readonly TraceRow[],
  { traceBlockSize }: DatasetOptions,
  notes: string[],
): MadeDataset['dataset'] {
  const given = all.filter(({ input }) => !('inputTokens' in input)).length;
  const other = all.find(({ input }) => 'inputTokens' in input === given > 0);
  if (given > 0 && other !== undefined) {
    throw wrongFile(
      { file, line: other.line },
      'this row has only the length of its prompt, but others have its text',
      'expected either in all rows',
    );
  }
  if (given > 0) {
    return {
      kind: 'texts',
      prompts: part.flatMap(({ input }) => ('inputTokens' in input ? [] : [input])),
    };
  }
  const lengths = all.flatMap(({ line, input }) =>
    'inputTokens' in input ? [{ line, inputTokens: input.inputTokens, ids: input.blocks.length }] : [],
  );
  const { blockTokens, notes: blockNotes } = blockTokensOf(file, lengths, traceBlockSize);
  notes.push(...blockNotes);
  const numbers = new Map<string, number>();
  for (const { input } of all) {
    if (!('inputTokens' in input)) continue;
    for (const key of input.blocks) {
      if (!numbers.has(nameOf(key))) numbers.set(nameOf(key), numbers.size);
    }
  }
  return {
    kind: 'trace',
    blockTokens,
    requests: part.flatMap(({ input, outputTokens, position }) =>
      'inputTokens' in input
        ? [
            {
              inputTokens: input.inputTokens,
              outputTokens,
              blocks: input.blocks.map((key) => numbers.get(nameOf(key)) ?? 0),
              position,
            },
          ]
        : [],
    ),
  };
}

/** A string is a different key from the number that it looks like. */
function nameOf(key: BlockKey): string {
  return typeof key === 'string' ? `"${key}` : String(key);
}
