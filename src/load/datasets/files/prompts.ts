import { defined } from '../../../defined/defined.ts';
import type { DatasetOptions, MadeDataset } from '../options.ts';
import { type ChatMessage, contentText } from '../texts.ts';
import { PromptCollector } from './collect.ts';
import { contextLimitOf } from './context-limit.ts';
import {
  fieldsOf,
  outputLengthNames,
  outputTokensOf,
  roughTokens,
  systemPromptOf,
  wrongRow,
} from './fields.ts';
import { describe, type FilePlace, wrongFile } from './problem.ts';
import { recordsOf } from './records.ts';
import type { DatasetFile } from './text-file.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A row's prompt, and the fields with the length of its reply. */
interface RowPrompt {
  readonly prompt:
    | { readonly text: string }
    | { readonly messages: readonly ChatMessage[] }
    | { readonly tokenIds: readonly number[] }
    | { readonly texts: readonly string[] }
    | { readonly query: string; readonly documents: readonly unknown[] };
  readonly lengths: Fields;
  /** The reply recorded in the row. */
  readonly reply?: string;
  /** Further fields of the request's body. */
  readonly extraBody?: Fields;
  /** Fields that affect the reply but are not sent. */
  readonly unsent?: readonly string[];
}

/** One form in which rows give a prompt. */
interface RowShape {
  is(row: unknown): boolean;
  read(row: unknown, place: FilePlace): RowPrompt;
}

/** Fields next to the messages that belong to the request. */
const askingFields: readonly string[] = [
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'response_format',
  'chat_template_kwargs',
  'structured_outputs',
  'guided_json',
  'guided_regex',
  'guided_choice',
  'guided_grammar',
  'reasoning_effort',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'stop',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'logit_bias',
];
/** Fields of a body that are not sent, because each prompt is measured with one reply. */
const unsentFields: readonly string[] = ['n', 'best_of'];
/** Fields of a body that the client sets itself. */
const bodyFields: readonly string[] = [
  'model',
  'messages',
  'prompt',
  'stream',
  'stream_options',
  'input',
  'query',
  'documents',
  ...outputLengthNames,
];

const aText: RowShape = {
  is: (row) => typeof row === 'string',
  read: (row, place) => ({ prompt: { text: notEmpty(row, 'the prompt', place) }, lengths: {} }),
};

const aPrompt: RowShape = {
  is: (row) => fieldsOf(row)?.prompt !== undefined,
  read(row, place) {
    const fields = fieldsOf(row) ?? {};
    return { ...withSystem(promptIn(fields.prompt, place), fields, place), lengths: fields };
  },
};

const aTextField: RowShape = {
  is: (row) => typeof fieldsOf(row)?.text === 'string',
  read(row, place) {
    const fields = fieldsOf(row) ?? {};
    return { prompt: { text: notEmpty(fields.text, 'the text', place) }, lengths: fields };
  },
};

/** A row's prompt after its system prompt, as chat messages. Token ids and messages that have one stay as they are. */
function withSystem(
  read: Pick<RowPrompt, 'prompt' | 'reply'>,
  fields: Fields,
  place: FilePlace,
): Pick<RowPrompt, 'prompt' | 'reply'> {
  const content = systemPromptOf(fields, place);
  const { prompt } = read;
  if (content === undefined) return read;
  const system = { role: 'system', content };
  if ('text' in prompt)
    return { ...read, prompt: { messages: [system, { role: 'user', content: prompt.text }] } };
  if (!('messages' in prompt) || prompt.messages.some(({ role }) => isSystem(role))) return read;
  return { ...read, prompt: { messages: [system, ...prompt.messages] } };
}

function isSystem(role: string): boolean {
  return role === 'system' || role === 'developer';
}

/** The body of a request for embeddings. */
const anInput: RowShape = {
  is: (row) => fieldsOf(row)?.input !== undefined,
  read(row, place) {
    const fields = fieldsOf(row) ?? {};
    return { ...inputIn(fields.input, 'input', place), lengths: fields };
  },
};

/** A query with documents to rank. */
const aRanking: RowShape = {
  is: (row) => fieldsOf(row)?.documents !== undefined,
  read(row, place) {
    const fields = fieldsOf(row) ?? {};
    return { ...rankingIn(fields, '', place), lengths: fields, ...extraOf(fields, isRankingField) };
  },
};

const isRankingField = (name: string): boolean => name === 'top_n';

const messages: RowShape = {
  is: (row) => Array.isArray(row) || Array.isArray(fieldsOf(row)?.messages),
  read(row, place) {
    const fields = fieldsOf(row) ?? { messages: row };
    return {
      ...withSystem(messagesIn(fields.messages, 'messages', place), fields, place),
      lengths: fields,
      ...extraOf(fields, (name) => askingFields.includes(name)),
    };
  },
};

const batchLine: RowShape = {
  is: (row) => fieldsOf(fieldsOf(row)?.body) !== undefined,
  read(row, place) {
    const line = fieldsOf(row) ?? {};
    const body = fieldsOf(line.body) ?? {};
    const { url } = line;
    if (
      typeof url === 'string' &&
      !/\/((chat\/)?completions|embeddings|rerank|score|pooling)\/?$/.test(url)
    ) {
      throw wrongFile(
        place,
        `the request is for ${url}, expected /v1/chat/completions, /v1/completions, /v1/embeddings or /v1/rerank`,
      );
    }
    const read = bodyIn(body, place);
    return {
      ...read,
      lengths: body,
      ...extraOf(body, (name) => !bodyFields.includes(name) && !unsentFields.includes(name)),
      unsent: unsentFields.filter((name) => body[name] !== undefined && body[name] !== null),
    };
  },
};

function bodyIn(body: Fields, place: FilePlace): Pick<RowPrompt, 'prompt' | 'reply'> {
  if (body.messages !== undefined) return messagesIn(body.messages, 'body.messages', place);
  if (body.prompt !== undefined) return promptIn(body.prompt, place);
  if (body.input !== undefined) return inputIn(body.input, 'body.input', place);
  if (body.documents !== undefined) return rankingIn(body, 'body.', place);
  throw wrongFile(place, `body has neither messages nor a prompt: it is ${describe(body)}`);
}

/** What the rows of a kind of file may contain. */
interface PromptFile {
  readonly kind: string;
  readonly shapes: readonly RowShape[];
  /** The expected form of a row, for error messages. */
  readonly wanted: string;
  /** The name of the missing field if a row has no length. */
  readonly lengthName: string;
}

const anyPrompt: PromptFile = {
  kind: 'custom',
  shapes: [batchLine, messages, aRanking, anInput, aPrompt, aTextField, aText],
  wanted: 'a prompt such as {"prompt": "…", "output_tokens": 128}, or {"messages": […]}',
  lengthName: 'output_tokens',
};

const chatMessages: PromptFile = {
  kind: 'messages',
  shapes: [messages],
  wanted: 'chat messages such as {"messages": [{"role": "user", "content": "…"}], "output_tokens": 128}',
  lengthName: 'output_tokens',
};

const openAiBatch: PromptFile = {
  kind: 'openai-batch',
  shapes: [batchLine],
  wanted:
    'a line such as {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"messages": […]}}',
  lengthName: 'max_tokens',
};

/** Reads prompts of any form, chat messages, or the lines of an OpenAI batch. Throws LoadError for any other row. */
export const readPrompts = (file: DatasetFile, options: DatasetOptions): Promise<MadeDataset> =>
  readRows(file, options, anyPrompt);
export const readMessages = (file: DatasetFile, options: DatasetOptions): Promise<MadeDataset> =>
  readRows(file, options, chatMessages);
export const readOpenAiBatch = (file: DatasetFile, options: DatasetOptions): Promise<MadeDataset> =>
  readRows(file, options, openAiBatch);

async function readRows(
  file: DatasetFile,
  options: DatasetOptions,
  { kind, shapes, wanted, lengthName }: PromptFile,
): Promise<MadeDataset> {
  const collector = new PromptCollector(file.file, options, await contextLimitOf(options));
  const noLength = options.withoutReplies === true ? 0 : undefined;
  const asked = options.customOutputLen ?? options.outputLen ?? noLength;
  const isRow = (element: unknown, key: string): boolean =>
    typeof element === 'string'
      ? key === 'prompts'
      : // A message is part of a row, and so are the parts of its content.
        fieldsOf(element)?.role === undefined &&
        fieldsOf(element)?.type === undefined &&
        shapes.some((shape) => shape.is(element));
  for await (const { value, line } of recordsOf(file, { isRow })) {
    const place = { file: file.file, line };
    const shape = shapes.find(({ is }) => is(value));
    if (shape === undefined) throw wrongRow(place, value, wanted, kind);
    const { prompt, lengths, reply, extraBody, unsent = [] } = shape.read(value, place);
    if (extraBody !== undefined && !canBeWritten(extraBody))
      throw wrongFile(place, `${Object.keys(extraBody).join(', ')}: nested too deeply to send`);
    const known = reply === undefined ? asked : (asked ?? recordedLength(lengths, reply, place));
    const outputTokens = outputTokensOf(lengths, known, place, lengthName);
    collector.take([{ ...prompt, outputTokens, ...defined({ extraBody }) }]);
    if (reply !== undefined) collector.remark('end with a reply, which is not sent');
    if (unsent.length > 0) collector.remark(`have fields that are not sent: ${unsent.toSorted().join(', ')}`);
  }
  return collector.made();
}

/** The fields of a row that are sent with its prompt, if there are any. */
function extraOf(fields: Fields, isSent: (name: string) => boolean): Pick<RowPrompt, 'extraBody'> {
  const sent = Object.entries(fields).filter(
    ([name, value]) => isSent(name) && value !== undefined && value !== null,
  );
  return sent.length === 0 ? {} : { extraBody: Object.fromEntries(sent) };
}

/** A row without a length but with a recorded reply requests the reply's length. */
function recordedLength(lengths: Fields, reply: string, place: FilePlace): number {
  const hasLength = outputLengthNames.some((name) => lengths[name] !== undefined && lengths[name] !== null);
  return hasLength ? outputTokensOf(lengths, undefined, place, '') : roughTokens(reply);
}

function notEmpty(text: unknown, what: string, place: FilePlace): string {
  if (typeof text !== 'string') throw wrongFile(place, `${what} must be text, not ${describe(text)}`);
  if (text === '') throw wrongFile(place, `${what} is empty`, 'remove such rows: servers reject them');
  return text;
}

/** A prompt in a field of this name: text, token ids, or chat messages. Throws LoadError for anything else. */
export function promptOf(value: unknown, name: string, place: FilePlace): RowPrompt['prompt'] {
  if (typeof value === 'string') return { text: notEmpty(value, name, place) };
  return (name === 'messages' ? messagesIn(value, name, place) : promptIn(value, place)).prompt;
}

/** A prompt as accepted by completions: text, token ids, or, in files that mix both, a list of chat messages. */
function promptIn(prompt: unknown, place: FilePlace): Pick<RowPrompt, 'prompt' | 'reply'> {
  if (!Array.isArray(prompt)) return { prompt: { text: notEmpty(prompt, 'prompt', place) } };
  const isId = (id: unknown): id is number => typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
  if (prompt.length > 0 && prompt.every(isId)) return { prompt: { tokenIds: prompt } };
  if (prompt.length > 0 && prompt.every((part) => typeof part === 'string')) {
    if (prompt.length > 1) {
      throw wrongFile(
        place,
        `prompt has ${prompt.length} texts, which are separate prompts`,
        'write one row for each',
      );
    }
    return { prompt: { text: notEmpty(prompt[0], 'prompt[0]', place) } };
  }
  return messagesIn(prompt, 'prompt', place);
}

/** The input of embeddings: text, token ids, or a list of texts. */
function inputIn(input: unknown, name: string, place: FilePlace): Pick<RowPrompt, 'prompt'> {
  if (!Array.isArray(input)) return { prompt: { text: notEmpty(input, name, place) } };
  if (input.length > 0 && input.every((id) => typeof id === 'number')) return promptIn(input, place);
  if (input.length === 0) throw wrongFile(place, `${name} is an empty list`);
  return { prompt: { texts: input.map((text: unknown, at) => notEmpty(text, `${name}[${at}]`, place)) } };
}

function rankingIn(fields: Fields, prefix: string, place: FilePlace): Pick<RowPrompt, 'prompt'> {
  const { query, documents } = fields;
  if (!Array.isArray(documents) || documents.length === 0) {
    throw wrongFile(place, `${prefix}documents must be a list of texts, not ${describe(documents)}`);
  }
  const wrong = documents.findIndex((one: unknown) => typeof one !== 'string' && fieldsOf(one) === undefined);
  if (wrong !== -1) {
    throw wrongFile(place, `${prefix}documents[${wrong}] must be text, not ${describe(documents[wrong])}`);
  }
  if (!canBeWritten(documents)) throw wrongFile(place, `${prefix}documents is nested too deeply to send`);
  return { prompt: { query: notEmpty(query, `${prefix}query`, place), documents } };
}

/** Chat messages up to the last one that is not the model's. Messages after it are a recorded reply. */
function messagesIn(list: unknown, name: string, place: FilePlace): Pick<RowPrompt, 'prompt' | 'reply'> {
  if (!Array.isArray(list)) {
    throw wrongFile(place, `${name} must be a list of chat messages, not ${describe(list)}`);
  }
  const all = list.map((message: unknown, index) => messageOf(message, `${name}[${index}]`, place));
  const last = all.findLastIndex(({ role }) => role !== 'assistant' && role !== 'model');
  const asked = all.slice(0, last + 1);
  if (asked.every(({ content }) => contentText(content) === '' && !Array.isArray(content))) {
    throw wrongFile(place, `${name} has no message to reply to`, 'remove such rows: servers reject them');
  }
  const reply = all
    .slice(last + 1)
    .map(({ content }) => contentText(content))
    .join('');
  return { prompt: { messages: asked }, ...defined({ reply: last + 1 < all.length ? reply : undefined }) };
}

function messageOf(value: unknown, name: string, place: FilePlace): ChatMessage {
  const fields = fieldsOf(value);
  const role = fields?.role;
  if (fields === undefined || typeof role !== 'string') {
    throw wrongFile(
      place,
      `${name} must be a message such as {"role": "user", "content": "…"}, not ${describe(value)}`,
    );
  }
  const { content } = fields;
  const isContent =
    content === undefined || content === null || typeof content === 'string' || Array.isArray(content);
  if (!isContent) {
    throw wrongFile(place, `${name}.content must be text or a list of parts, not ${describe(content)}`);
  }
  const hasParts = Object.values(fields).some((field) => typeof field === 'object' && field !== null);
  if (hasParts && !canBeWritten(fields)) {
    throw wrongFile(place, `${name} is nested too deeply to send`);
  }
  return { ...fields, role };
}

function canBeWritten(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}
