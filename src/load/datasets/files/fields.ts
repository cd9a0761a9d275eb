import { describe, type FilePlace, wrongFile } from './problem.ts';

/** The fields of a JSON object; undefined for anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/** The first of these fields that is present and not null, with its name. */
export function firstOf(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
): { readonly name: string; readonly value: unknown } | undefined {
  const name = names.find((candidate) => fields[candidate] !== undefined && fields[candidate] !== null);
  return name === undefined ? undefined : { name, value: fields[name] };
}

/** The names of reply lengths in data sets. */
export const outputLengthNames = [
  'output_tokens',
  'output_length',
  'output_len',
  'max_completion_tokens',
  'max_tokens',
] as const;

/** A length in the file, validated; undefined if it is missing or null. Throws LoadError. */
export function lengthIn(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
  place: FilePlace,
): number | undefined {
  const found = firstOf(fields, names);
  if (found === undefined) return undefined;
  if (typeof found.value === 'number' && Number.isSafeInteger(found.value) && found.value > 0)
    return found.value;
  throw wrongFile(place, `${found.name} must be a whole number above 0, not ${describe(found.value)}`);
}

/** The length of a reply: the user's setting, or else the row's. Throws LoadError if there is neither. */
export function outputTokensOf(
  fields: Readonly<Record<string, unknown>>,
  asked: number | undefined,
  place: FilePlace,
  name: string,
): number {
  const recorded = lengthIn(fields, outputLengthNames, place);
  const tokens = asked ?? recorded;
  if (tokens !== undefined) return tokens;
  const isNull = outputLengthNames.find((candidate) => fields[candidate] === null);
  throw wrongFile(
    place,
    `${isNull === undefined ? `${name} is missing` : `${isNull} is null`}, and no output length is set`,
    'add it to every row, or set --output-len',
  );
}

/** The system prompt next to a row's prompt or turns; undefined if there is none. Throws LoadError. */
export function systemPromptOf(
  fields: Readonly<Record<string, unknown>>,
  place: FilePlace,
): string | undefined {
  const found = firstOf(fields, ['system', 'system_prompt']);
  if (found === undefined || found.value === '') return undefined;
  if (typeof found.value === 'string') return found.value;
  throw wrongFile(place, `${found.name} must be text, not ${describe(found.value)}`);
}

/** The approximate length of a recorded reply: English has about four characters per token. */
export function roughTokens(reply: string): number {
  return Math.max(1, Math.round(reply.length / 4));
}

/** Kinds of rows, recognised by their fields, for error messages about a file of the wrong kind. */
const shapes: readonly {
  readonly what: string;
  readonly kind: string;
  is(fields: Readonly<Record<string, unknown>>): boolean;
}[] = [
  {
    what: 'a line of an OpenAI batch',
    kind: 'openai-batch',
    is: ({ custom_id, body }) => custom_id !== undefined || fieldsOf(body) !== undefined,
  },
  {
    what: 'a row of a trace',
    kind: 'trace',
    is: ({ input_length, hash_ids }) => input_length !== undefined || hash_ids !== undefined,
  },
  {
    what: 'an OpenTelemetry span',
    kind: 'otel',
    is: ({ resourceSpans, attributes }) => Array.isArray(resourceSpans) || typeof attributes === 'object',
  },
  {
    what: 'a conversation by its lengths',
    kind: 'conversations',
    is: ({ turns }) => Array.isArray(turns) && fieldsOf(turns[0])?.input_tokens !== undefined,
  },
  {
    what: 'a ShareGPT conversation',
    kind: 'sharegpt',
    is: ({ conversations, conversation, items }) =>
      Array.isArray(conversations) || Array.isArray(conversation) || Array.isArray(items),
  },
  { what: 'a list of chat messages', kind: 'messages', is: ({ messages }) => Array.isArray(messages) },
  {
    what: 'a prompt',
    kind: 'custom',
    is: ({ prompt, text, input, documents }) =>
      [prompt, text, input, documents].some((field) => field !== undefined),
  },
];

/** The kind of data set that reads a row; undefined if none does. */
export function kindOfRow(row: unknown): string | undefined {
  const fields = fieldsOf(row);
  return fields === undefined ? undefined : shapes.find(({ is }) => is(fields))?.kind;
}

/** The error for an unexpected row: what it is, what was expected, and which kind of data set reads it. */
export function wrongRow(place: FilePlace, value: unknown, wanted: string, kind: string): Error {
  const fields = fieldsOf(value);
  const shape = fields === undefined ? undefined : shapes.find(({ is }) => is(fields));
  const other = shape === undefined || shape.kind === kind ? undefined : shape;
  return wrongFile(
    place,
    `this is ${other === undefined ? describe(value) : `${other.what} (${describe(value)})`}, expected ${wanted}`,
    other === undefined ? undefined : `--dataset-name ${other.kind} reads such files`,
  );
}
