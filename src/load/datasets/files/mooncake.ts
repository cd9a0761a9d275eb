import type { DatasetOptions, MadeDataset } from '../options.ts';
import type { GivenPrompt } from '../texts.ts';
import { fieldsOf, firstOf, lengthIn, outputTokensOf, wrongRow } from './fields.ts';
import { describe, type FilePlace, wrongFile } from './problem.ts';
import { promptOf } from './prompts.ts';
import { recordsOf } from './records.ts';
import type { DatasetFile } from './text-file.ts';
import { type BlockKey, makeTrace, type TraceRow } from './trace.ts';

const wanted =
  'a row of a trace such as {"timestamp": 0, "input_length": 600, "output_length": 8, "hash_ids": [0, 1]}';
const textNames = ['text_input', 'prompt', 'text', 'messages'] as const;

/**
 * Reads Mooncake's JSON lines: `timestamp` (in milliseconds, in all rows or none), `output_length`, and `input_length`
 * with the `hash_ids` of blocks, or the prompt itself as `text_input`, `prompt`, `text` or `messages`. Throws
 * LoadError.
 */
export async function readMooncake(file: DatasetFile, options: DatasetOptions): Promise<MadeDataset> {
  const rows: TraceRow[] = [];
  const isRow = (element: unknown): boolean => isTraceRow(element);
  for await (const { value, line } of recordsOf(file, { isRow, exactIntegers: true })) {
    const place = { file: file.file, line };
    const fields = fieldsOf(value);
    if (fields === undefined || !isTraceRow(value)) throw wrongRow(place, value, wanted, 'trace');
    const outputTokens = outputTokensOf(fields, options.outputLen, place, 'output_length');
    rows.push({
      line,
      timestampMs: timestampIn(fields, place),
      outputTokens,
      input: inputOf(fields, outputTokens, place),
    });
  }
  return await makeTrace(file.file, rows, options, []);
}

function isTraceRow(row: unknown): boolean {
  const fields = fieldsOf(row);
  if (fields === undefined) return false;
  const hasText = firstOf(fields, textNames) !== undefined;
  return fields.input_length !== undefined || (hasText && fields.timestamp !== undefined);
}

function inputOf(
  fields: Readonly<Record<string, unknown>>,
  outputTokens: number,
  place: FilePlace,
): TraceRow['input'] {
  const text = firstOf(fields, textNames);
  if (text !== undefined) {
    const prompt: GivenPrompt = { ...promptOf(text.value, text.name, place), outputTokens };
    return prompt;
  }
  const inputTokens = lengthIn(fields, ['input_length'], place);
  if (inputTokens === undefined) throw wrongFile(place, `input_length is null, expected ${wanted}`);
  return { inputTokens, blocks: blocksIn(fields.hash_ids, place) };
}

function timestampIn({ timestamp }: Readonly<Record<string, unknown>>, place: FilePlace): number | undefined {
  if (timestamp === undefined || timestamp === null) return undefined;
  const timeMs = typeof timestamp === 'bigint' ? Number(timestamp) : timestamp;
  if (typeof timeMs === 'number' && Number.isFinite(timeMs)) return timeMs;
  throw wrongFile(place, `timestamp must be a number of milliseconds, not ${describe(timestamp)}`);
}

function blocksIn(ids: unknown, place: FilePlace): readonly BlockKey[] {
  if (ids === undefined || ids === null) return [];
  if (!Array.isArray(ids)) throw wrongFile(place, `hash_ids must be a list, not ${describe(ids)}`);
  return ids.map((id: unknown, index) => {
    const isKey = typeof id === 'string' || typeof id === 'bigint' || Number.isSafeInteger(id);
    if (isKey && (typeof id === 'string' || typeof id === 'bigint' || typeof id === 'number')) return id;
    throw wrongFile(place, `hash_ids[${index}] must be a whole number or a string, not ${describe(id)}`);
  });
}
