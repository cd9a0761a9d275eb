import { isNoEnd } from '../reply/finish-reasons.ts';
import type { ChoiceReading, EventReading } from './backend.ts';
import { readCounts } from './counts.ts';
import { joined } from './failure-words.ts';
import { checkChoices, choiceIndexOf, fieldOf, isRecord, stringAt } from './json-fields.ts';
import { complaintIn, errorText, textIn } from './server-messages.ts';

const countNames = {
  completion: [['completion_tokens'], ['output_tokens']],
  prompt: [['prompt_tokens'], ['input_tokens']],
  cached: [['prompt_tokens_details', 'cached_tokens'], ['prompt_cache_hit_tokens'], ['cached_tokens']],
  total: [['total_tokens']],
  reasoning: [['completion_tokens_details', 'reasoning_tokens'], ['reasoning_tokens']],
  accepted: [['completion_tokens_details', 'accepted_prediction_tokens']],
  rejected: [['completion_tokens_details', 'rejected_prediction_tokens']],
} as const;

/** Keys of a delta that never hold generated output. */
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
  'finish_reason',
  'stop_reason',
];

/** Reads an event of OpenAI's completions or chat completions, in all forms that servers send. */
export function readOpenAiEvent(event: unknown): EventReading {
  if (!isRecord(event)) return { choices: [], isUnknown: true };
  const { error, errors, choices, usage, object } = event;
  const complaint = errorText(error) ?? errorText(errors);
  if (complaint !== undefined) return { choices: [], error: complaint };
  const list = choicesIn(choices);
  const readings = list === undefined ? noChoices : readChoices(list);
  // Usage in another place comes with a finish reason, or in a separate event.
  const isElsewhere = !isRecord(usage) && (readings.length === 0 || readings[0]?.finish !== undefined);
  const counts = readCounts(isElsewhere ? usageElsewhere(event, list) : usage, countNames);
  // Usage may come without choices, but not together with text.
  const isUnknown =
    object === 'error' || (list === undefined && (counts === undefined || textIn(event) !== undefined));
  return { choices: readings, counts, isUnknown };
}

const noChoices: readonly ChoiceReading[] = [];

function readChoices(list: readonly unknown[]): readonly ChoiceReading[] {
  const readings: ChoiceReading[] = [];
  for (let position = 0; position < list.length; position++) {
    const choice = list[position];
    if (!isRemark(choice)) readings.push(readChoice(choice, position));
  }
  return readings;
}

/** Usage inside a choice or a vendor's field such as `x_groq`, or an event that consists of usage. */
function usageElsewhere(
  event: Readonly<Record<string, unknown>>,
  choices: readonly unknown[] | undefined,
): unknown {
  for (const choice of choices ?? []) {
    const usage = fieldOf(choice, 'usage');
    if (isRecord(usage)) return usage;
  }
  for (const key in event) {
    const part = event[key];
    // Most fields are not objects.
    if (!isRecord(part) || key === 'choices') continue;
    if (isRecord(part.usage)) return part.usage;
  }
  return typeof event.completion_tokens === 'number' ? event : undefined;
}

/** The choices of an event: a list, an object keyed by index, or a single choice. */
function choicesIn(choices: unknown): readonly unknown[] | undefined {
  if (!isRecord(choices)) return undefined;
  if (!Array.isArray(choices) && ['text', 'delta', 'message'].some((key) => Object.hasOwn(choices, key))) {
    return [choices];
  }
  const list: readonly unknown[] = Array.isArray(choices)
    ? choices
    : Object.entries(choices).map(([index, choice]) => (isRecord(choice) ? { index, ...choice } : choice));
  checkChoices(list);
  return list;
}

/** Whether this is Azure's content filter result about text that was sent before. */
function isRemark(choice: unknown): boolean {
  return (
    fieldOf(choice, 'content_filter_offsets') !== undefined &&
    ['text', 'delta', 'message', 'finish_reason'].every((key) => (fieldOf(choice, key) ?? null) === null)
  );
}

const emptyChoice: Readonly<Record<string, unknown>> = {};

function readChoice(value: unknown, position: number): ChoiceReading {
  const choice = isRecord(value) ? value : emptyChoice;
  const { index, text, delta, message, finish_reason: reason, error } = choice;
  const isWhole = !isRecord(delta) && isRecord(message);
  const spoken = isWhole ? message : delta;
  const said = readDelta(spoken);
  const answer = typeof text === 'string' ? text + said.answer : said.answer;
  const ending = reason === null || reason === undefined ? undefined : finishOf(reason);
  const isSilent = answer === '' && said.reasoning === '' && !said.hasOtherOutput;
  return {
    index: choiceIndexOf(index, position),
    answer,
    reasoning: said.reasoning,
    hasOtherOutput: said.hasOtherOutput,
    hasUnknownText: said.hasUnknownText,
    hasRole: said.hasRole,
    isWhole,
    tokens: tokensListed(choice),
    finish: ending?.finish,
    error: errorText(error) ?? (isSilent ? (complaintOf(choice) ?? complaintIn(spoken, 'part')) : undefined),
  };
}

/** A choice's complaint, apart from its finish reason, which is read elsewhere. */
function complaintOf(choice: Readonly<Record<string, unknown>>): string | undefined {
  const { finish_reason: reason } = choice;
  return complaintIn(choice, 'part', typeof reason === 'string' && reason !== '' ? reasons : ownReason);
}

const reasons = ['finish_reason', 'stop_reason'];
const ownReason = ['finish_reason'];

interface Said {
  readonly answer: string;
  readonly reasoning: string;
  readonly hasOtherOutput: boolean;
  readonly hasUnknownText: boolean;
  readonly hasRole: boolean;
}

const nothingSaid: Said = {
  answer: '',
  reasoning: '',
  hasOtherOutput: false,
  hasUnknownText: false,
  hasRole: false,
};

/** Everything that a delta contains. The same text under two names counts once. */
function readDelta(delta: unknown): Said {
  if (!isRecord(delta)) return nothingSaid;
  const found = { ...nothingSaid };
  for (const key in delta) {
    const value = delta[key];
    if (value === null || value === '') continue;
    const read = readers.get(key);
    if (read !== undefined) read(value, found);
    // Every server has its own name for reasoning, and deltas also contain things that are not generated.
    else if (sealedName.test(joined(key))) found.hasUnknownText = true;
    else if (reasoningName.test(joined(key))) readReasoning(value, found);
    else found.hasUnknownText ||= typeof value === 'string' || (Array.isArray(value) && value.length > 0);
  }
  // Reasoning that a server repeats as content is not part of the answer.
  if (found.reasoning !== '' && found.reasoning === found.answer) found.answer = '';
  return found;
}

/** Word stems in names of reasoning fields. */
const reasoningName =
  /_(think|thought|reason|deliberat|analy[sz]|reflect|scratch|cot_|chain_of|ponder|ruminat|introspect|rationale|monolog|inner|contemplat|planning)/;

/**
 * Word stems in names of reasoning that only its author can decrypt; the token count decides whether it was a token.
 */
const sealedName = /_(opaque|encrypted|signature|redacted|sealed)_/;

type Found = { -readonly [Name in keyof Said]: Said[Name] };
type Reader = (value: unknown, found: Found) => void;

/** Reads reasoning. Encrypted reasoning shows nothing, and is a token only if the count says so. */
function readReasoning(value: unknown, found: Found): void {
  const text = textOfThinking(value);
  if (text !== '') addReasoning(text, found);
  else found.hasUnknownText ||= Array.isArray(value) && value.length > 0;
}

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
/** Whether a tool call, or a list of them, contains more than labels: a name or arguments. */
const hasCall = (value: unknown): boolean =>
  isRecord(value)
    ? Object.entries(value).some(([key, field]) => !callLabels.has(key) && hasCall(field))
    : typeof value === 'string' && value !== '';
const callLabels = new Set(['id', 'type', 'index', 'call_id']);
const ignore: Reader = () => {};

/** How to read each key of a delta except reasoning. */
const readers = new Map<string, Reader>([
  ['content', readContent],
  ['refusal', readContent],
  ['tool_calls', readOther(hasCall)],
  ['images', readOther(isFilledList)],
  ['function_call', readOther(hasCall)],
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

/** One part of content in list form: text, reasoning, or something that is not text. */
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

/** The text of an entry of `reasoning_details` and similar lists. */
function textOfReasoning(entry: unknown): string {
  if (typeof entry === 'string') return entry;
  for (const key of ['text', 'summary', 'content']) {
    const found = stringAt(entry, key);
    if (found !== undefined) return found;
  }
  return '';
}

/** How many tokens a choice contains, if it lists their ids or log probabilities. */
function tokensListed(choice: Readonly<Record<string, unknown>>): number | undefined {
  const { token_ids: ids, output_ids: outputIds, logprobs } = choice;
  const list = ids ?? outputIds ?? (isRecord(logprobs) ? listOfLogprobs(logprobs) : undefined);
  return Array.isArray(list) && list.length > 0 ? list.length : undefined;
}

function listOfLogprobs({ tokens, token_logprobs, content }: Readonly<Record<string, unknown>>): unknown {
  return tokens ?? token_logprobs ?? content;
}

/** A finish reason as text or, in SGLang's form, an object with a type. An empty one does not end the reply. */
export function finishOf(reason: unknown): Pick<ChoiceReading, 'finish'> {
  if (typeof reason === 'string') return isNoEnd(reason) ? {} : { finish: reason.trim() };
  if (typeof reason !== 'object' || reason === null) return {};
  const type = stringAt(reason, 'type') ?? '';
  const message = stringAt(reason, 'message') ?? '';
  if (isNoEnd(type)) return {};
  return { finish: message === '' ? type : `${type}: ${message}` };
}
