import { defined } from '../../../defined/defined.ts';
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

/** How one publisher writes its trace in this form. */
interface TraceForm {
  /** Milliseconds per unit of `timestamp`. */
  readonly unitMs: number;
  readonly unit: string;
  /** Tokens per hash id, if they are known. */
  readonly blockTokens?: number;
}

const mooncake: TraceForm = { unitMs: 1, unit: 'milliseconds' };
/** Bailian's (Alibaba Cloud): rows name the chat that they belong to, and times are in seconds. */
const bailian: TraceForm = { unitMs: 1000, unit: 'seconds', blockTokens: 16 };

/**
 * Reads Mooncake's JSON lines: `timestamp` (in milliseconds, in all rows or none), `output_length`, and `input_length`
 * with the `hash_ids` of blocks, or the prompt itself as `text_input`, `prompt`, `text` or `messages`. A first row with
 * a `chat_id` is Bailian's. Throws LoadError.
 */
export async function readMooncake(file: DatasetFile, options: DatasetOptions): Promise<MadeDataset> {
  const rows: TraceRow[] = [];
  let form: TraceForm | undefined;
  const isRow = (element: unknown): boolean => isTraceRow(element);
  for await (const { value, line } of recordsOf(file, { isRow, exactIntegers: true })) {
    const place = { file: file.file, line };
    const fields = fieldsOf(value);
    if (fields === undefined || !isTraceRow(value)) throw wrongRow(place, value, wanted, 'trace');
    form ??= fields.chat_id === undefined ? mooncake : bailian;
    const outputTokens = outputTokensOf(fields, options.outputLen, place, 'output_length');
    rows.push({
      line,
      timestampMs: timestampIn(fields, place, form),
      outputTokens,
      input: inputOf(fields, outputTokens, place),
    });
  }
  const { traceBlockSize = form?.blockTokens } = options;
  return await makeTrace(file.file, rows, { ...options, ...defined({ traceBlockSize }) }, []);
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

function timestampIn(
  { timestamp }: Readonly<Record<string, unknown>>,
  place: FilePlace,
  { unitMs, unit }: TraceForm,
): number | undefined {
  if (timestamp === undefined || timestamp === null) return undefined;
  const time = typeof timestamp === 'bigint' ? Number(timestamp) : timestamp;
  if (typeof time === 'number' && Number.isFinite(time)) return unitMs * time;
  throw wrongFile(place, `timestamp must be a number of ${unit}, not ${describe(timestamp)}`);
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
