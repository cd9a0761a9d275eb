import type { DatasetOptions, MadeDataset } from '../options.ts';
import type { ChatMessage } from '../texts.ts';
import { fieldsOf, wrongRow } from './fields.ts';
import { count, describe, type FilePlace, wrongFile } from './problem.ts';
import { recordsOf } from './records.ts';
import type { DatasetFile } from './text-file.ts';
import { makeTrace, type TraceRow } from './trace.ts';

type Fields = Readonly<Record<string, unknown>>;

const wanted =
  'a span such as {"start_time": "2026-01-01T00:00:00Z", "attributes": {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20}}';

/** Token counts by their current names and by those of earlier conventions. */
const inputNames = ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.usage.prompt_tokens'];
const outputNames = [
  'gen_ai.usage.output_tokens',
  'gen_ai.usage.completion_tokens',
  'llm.usage.completion_tokens',
];
const startNames = ['startTimeUnixNano', 'start_time_unix_nano', 'start_time', 'startTime'];
/** Operations that generate no text. */
const silent: readonly unknown[] = ['embeddings', 'execute_tool', 'create_agent', 'invoke_agent'];

/**
 * Reads spans of calls to models (OpenTelemetry's conventions for generative AI), one on each line or in OTLP's
 * `resourceSpans`: when each started, its token counts, and its messages if every span recorded them. Other spans are
 * skipped and counted. Throws LoadError.
 */
export async function readOtelSpans(file: DatasetFile, options: DatasetOptions): Promise<MadeDataset> {
  const calls: Call[] = [];
  let spans = 0;
  const isRow = (element: unknown): boolean => isSpanOrExport(element);
  for await (const { value, line } of recordsOf(file, { isRow })) {
    const place = { file: file.file, line };
    if (!isSpanOrExport(value)) throw wrongRow(place, value, wanted, 'otel');
    for (const span of spansIn(value)) {
      spans++;
      const call = callOf(span, options, place);
      if (call !== undefined) calls.push(call);
    }
  }
  const skipped = spans - calls.length;
  const notes =
    skipped === 0
      ? []
      : [`${skipped.toLocaleString('en-US')} of ${count(spans, 'span')} skipped: they generate no tokens`];
  // Without the messages of some calls, only lengths can be replayed.
  const allTold = calls.every(({ messages }) => messages !== undefined);
  const rows = calls.map(
    ({ messages, inputTokens, outputTokens, ...call }): TraceRow => ({
      ...call,
      outputTokens,
      input: allTold && messages !== undefined ? { messages, outputTokens } : { inputTokens, blocks: [] },
    }),
  );
  return await makeTrace(file.file, rows, options, notes);
}

interface Call extends Pick<TraceRow, 'line' | 'timestampMs' | 'outputTokens'> {
  readonly inputTokens: number;
  readonly messages: readonly ChatMessage[] | undefined;
}

function isSpanOrExport(value: unknown): boolean {
  const fields = fieldsOf(value);
  return (
    fields !== undefined && (Array.isArray(fields.resourceSpans) || typeof fields.attributes === 'object')
  );
}

/** A span itself, or all spans of an OTLP export. */
function spansIn(value: unknown): readonly Fields[] {
  const listAt = (of: unknown, ...names: readonly string[]): readonly unknown[] => {
    const fields = fieldsOf(of) ?? {};
    const list = names.map((name) => fields[name]).find((one) => Array.isArray(one));
    return Array.isArray(list) ? list : [];
  };
  const fields = fieldsOf(value) ?? {};
  if (fields.resourceSpans === undefined) return [fields];
  return listAt(fields, 'resourceSpans')
    .flatMap((resource) => listAt(resource, 'scopeSpans', 'instrumentationLibrarySpans'))
    .flatMap((scope) => listAt(scope, 'spans'))
    .map(fieldsOf)
    .filter((span) => span !== undefined);
}

/** The call of a span; undefined if it is of another kind. Throws LoadError if a call is damaged. */
function callOf(span: Fields, { outputLen }: DatasetOptions, place: FilePlace): Call | undefined {
  const attributes = attributesOf(span.attributes);
  if (silent.includes(attributes['gen_ai.operation.name'])) return undefined;
  const inputTokens = tokensAt(attributes, inputNames, place);
  const outputTokens = tokensAt(attributes, outputNames, place);
  if (inputTokens === undefined || outputTokens === undefined || inputTokens === 0 || outputTokens === 0)
    return undefined;
  return {
    line: place.line ?? 0,
    timestampMs: startOf(span, place),
    inputTokens,
    outputTokens: outputLen ?? outputTokens,
    messages: messagesOf(attributes),
  };
}

/** Attributes by name, from an object or from OTLP's list of keys and typed values. */
function attributesOf(attributes: unknown): Fields {
  if (!Array.isArray(attributes)) return fieldsOf(attributes) ?? {};
  return Object.fromEntries(
    attributes.flatMap((entry: unknown) => {
      const { key, value } = fieldsOf(entry) ?? {};
      const [typed] = Object.values(fieldsOf(value) ?? {});
      return typeof key === 'string' ? [[key, typed]] : [];
    }),
  );
}

function tokensAt(attributes: Fields, names: readonly string[], place: FilePlace): number | undefined {
  const name = names.find((one) => attributes[one] !== undefined && attributes[one] !== null);
  if (name === undefined) return undefined;
  const found = attributes[name];
  // OTLP writes whole numbers as strings.
  const tokens = typeof found === 'string' && /^\d+$/.test(found) ? Number(found) : found;
  if (typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens >= 0) return tokens;
  throw wrongFile(place, `${name} must be a whole number, 0 or more, not ${describe(found)}`);
}

/** When a span started: nanoseconds since 1970, or a date and time. */
function startOf(span: Fields, place: FilePlace): number {
  const name = startNames.find((one) => span[one] !== undefined && span[one] !== null);
  const start = name === undefined ? undefined : span[name];
  const isNumber = typeof start === 'number' || (typeof start === 'string' && /^\d+$/.test(start));
  const timeMs = isNumber ? Number(start) / 1e6 : Date.parse(typeof start === 'string' ? start : '');
  if (Number.isFinite(timeMs)) return timeMs;
  throw wrongFile(
    place,
    `${name ?? 'start_time'} must be a date and time or nanoseconds since 1970, not ${describe(start)}`,
  );
}

/** The messages of a call, if they were recorded as one attribute. */
function messagesOf(attributes: Fields): readonly ChatMessage[] | undefined {
  const instructions = listIn(attributes['gen_ai.system_instructions']);
  const messages = listIn(attributes['gen_ai.input.messages']);
  if (messages === undefined) return undefined;
  const system = instructions === undefined ? [] : [{ role: 'system', content: textOfParts(instructions) }];
  const chat = messages.flatMap((message): ChatMessage[] => {
    const { role, parts, content } = fieldsOf(message) ?? {};
    if (typeof role !== 'string') return [];
    return [{ role, content: typeof content === 'string' ? content : textOfParts(parts) }];
  });
  return chat.some(({ content }) => content !== '') ? [...system, ...chat] : undefined;
}

/** A list, also if it was recorded as JSON. */
function listIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function textOfParts(parts: unknown): string {
  if (!Array.isArray(parts)) return '';
  return parts
    .map((part: unknown) => {
      const { content, text, response, arguments: args } = fieldsOf(part) ?? {};
      const found = content ?? text ?? response ?? args ?? '';
      return typeof found === 'string' ? found : JSON.stringify(found);
    })
    .join('\n');
}
