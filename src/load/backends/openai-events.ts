import type { ChoiceReading, EventReading } from './backend.ts';
import { readCounts } from './counts.ts';
import { choiceIndexOf, fieldOf, isRecord, stringAt } from './json-fields.ts';
import { errorText } from './server-messages.ts';

const countNames = {
  completion: ['completion_tokens'],
  prompt: ['prompt_tokens'],
  cached: ['prompt_tokens_details', 'cached_tokens'],
} as const;

/** Keys of a delta that hold no generated output, whatever their value. */
const otherKeys = [
  'name',
  'id',
  'type',
  'object',
  'index',
  'created',
  'model',
  'channel',
  'recipient',
  'annotations',
  'tool_call_id',
  'signature',
];

/** Reads an event of OpenAI's completions or chat completions, in the forms in which servers send them. */
export function readOpenAiEvent(event: unknown): EventReading {
  if (!isRecord(event)) return { choices: [], isUnknown: true };
  const { error, errors, choices, usage, object } = event;
  const complaint = errorText(error) ?? errorText(errors);
  if (complaint !== undefined) return { choices: [], error: complaint };
  const hasUsage = isRecord(usage);
  if ((!Array.isArray(choices) && !hasUsage) || object === 'error') return { choices: [], isUnknown: true };
  return {
    choices: Array.isArray(choices) ? choices.map(readChoice) : [],
    counts: hasUsage ? readCounts(usage, countNames) : undefined,
  };
}

const emptyChoice: Readonly<Record<string, unknown>> = {};

function readChoice(value: unknown, position: number): ChoiceReading {
  const choice = isRecord(value) ? value : emptyChoice;
  const { index, text, delta, message, finish_reason: reason, error } = choice;
  const said = readDelta(isRecord(delta) ? delta : message);
  const ending = reason === null || reason === undefined ? undefined : finishOf(reason);
  return {
    index: choiceIndexOf(index, position),
    answer: typeof text === 'string' ? text + said.answer : said.answer,
    reasoning: said.reasoning,
    hasOtherOutput: said.hasOtherOutput,
    hasRole: said.hasRole,
    tokens: tokensListed(choice),
    finish: ending?.finish,
    error: errorText(error),
  };
}

interface Said {
  readonly answer: string;
  readonly reasoning: string;
  readonly hasOtherOutput: boolean;
  readonly hasRole: boolean;
}

const nothingSaid: Said = { answer: '', reasoning: '', hasOtherOutput: false, hasRole: false };

/** All that a delta brings. What stands in it under two names is one text. */
function readDelta(delta: unknown): Said {
  if (!isRecord(delta)) return nothingSaid;
  const found = { answer: '', reasoning: '', hasOtherOutput: false, hasRole: false };
  for (const key in delta) {
    const value = delta[key];
    if (value === null || value === '') continue;
    const read = readers.get(key);
    if (read !== undefined) read(value, found);
    // Reasoning has as many names as there are servers: any other text, and any list of such texts, is one.
    else if (typeof value === 'string') addReasoning(value, found);
    else if (Array.isArray(value)) addReasoning(value.map(textOfReasoning).join(''), found);
  }
  // A thought that a server repeats as content is no answer yet.
  if (found.reasoning !== '' && found.reasoning === found.answer) found.answer = '';
  return found;
}

type Found = { -readonly [Name in keyof Said]: Said[Name] };
type Reader = (value: unknown, found: Found) => void;

function addReasoning(text: string, found: Found): void {
  if (text !== found.reasoning) found.reasoning += text;
}

const readContent: Reader = (content, found) => {
  if (typeof content === 'string') found.answer += content;
  if (!Array.isArray(content)) return;
  const parts = content.map(readPart);
  found.answer += parts.map(({ answer }) => answer).join('');
  addReasoning(parts.map(({ reasoning }) => reasoning).join(''), found);
  found.hasOtherOutput ||= parts.some(({ hasOtherOutput }) => hasOtherOutput);
};
const readOther =
  (isOutput: (value: unknown) => boolean): Reader =>
  (value, found) => {
    found.hasOtherOutput ||= isOutput(value);
  };
const isFilledList = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
const ignore: Reader = () => {};

/** What each key of a delta that is not reasoning says. */
const readers = new Map<string, Reader>([
  ['content', readContent],
  ['refusal', readContent],
  ['tool_calls', readOther(isFilledList)],
  ['images', readOther(isFilledList)],
  ['function_call', readOther((call) => isRecord(call) && Object.keys(call).length > 0)],
  [
    'audio',
    readOther((audio) => ['transcript', 'data'].some((name) => (stringAt(audio, name) ?? '') !== '')),
  ],
  [
    'role',
    (_, found) => {
      found.hasRole = true;
    },
  ],
  ...otherKeys.map((key): [string, Reader] => [key, ignore]),
]);

/** One part of content that is a list: text, a thought, or something that is not text. */
function readPart(part: unknown): Said {
  if (typeof part === 'string') return { ...nothingSaid, answer: part };
  const type = stringAt(part, 'type') ?? '';
  const thinking = fieldOf(part, 'thinking') ?? fieldOf(part, 'reasoning');
  if (thinking !== undefined) return { ...nothingSaid, reasoning: textOfThinking(thinking) };
  if (/think|reason/.test(type)) return { ...nothingSaid, reasoning: textOfReasoning(part) };
  const text = stringAt(part, 'text') ?? stringAt(part, 'refusal') ?? stringAt(part, 'content');
  return text === undefined
    ? { ...nothingSaid, hasOtherOutput: type !== '' }
    : { ...nothingSaid, answer: text };
}

function textOfThinking(thinking: unknown): string {
  if (typeof thinking === 'string') return thinking;
  return Array.isArray(thinking) ? thinking.map(textOfReasoning).join('') : textOfReasoning(thinking);
}

/** The text of an entry of `reasoning_details` and the like. */
function textOfReasoning(entry: unknown): string {
  if (typeof entry === 'string') return entry;
  for (const key of ['text', 'summary', 'content', 'data']) {
    const found = stringAt(entry, key);
    if (found !== undefined) return found;
  }
  return '';
}

/** How many tokens a choice brings, if it lists their ids or log probabilities. */
function tokensListed(choice: Readonly<Record<string, unknown>>): number | undefined {
  const { token_ids: ids, output_ids: outputIds, logprobs } = choice;
  const list = ids ?? outputIds ?? (isRecord(logprobs) ? listOfLogprobs(logprobs) : undefined);
  return Array.isArray(list) && list.length > 0 ? list.length : undefined;
}

function listOfLogprobs({ tokens, token_logprobs, content }: Readonly<Record<string, unknown>>): unknown {
  return tokens ?? token_logprobs ?? content;
}

/** A reason as text or, as SGLang has it, an object with its type; an empty one is no end. */
export function finishOf(reason: unknown): Pick<ChoiceReading, 'finish'> {
  if (typeof reason === 'string') return reason.trim() === '' ? {} : { finish: reason.trim() };
  if (typeof reason !== 'object' || reason === null) return {};
  const type = stringAt(reason, 'type') ?? '';
  const message = stringAt(reason, 'message') ?? '';
  if (type === '') return {};
  return { finish: message === '' ? type : `${type}: ${message}` };
}
