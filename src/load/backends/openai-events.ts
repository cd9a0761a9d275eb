import type { ChoiceReading, EventReading } from './backend.ts';
import { readCounts } from './counts.ts';
import { choiceIndexOf, fieldOf, listAt, objectAt, stringAt } from './json-fields.ts';
import { errorText } from './server-messages.ts';

const countNames = {
  completion: ['completion_tokens'],
  prompt: ['prompt_tokens'],
  cached: ['prompt_tokens_details', 'cached_tokens'],
} as const;

/** Keys of a delta that hold no generated output, whatever their value. */
const otherKeys = new Set([
  'role',
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
]);

/** Reads an event of OpenAI's completions or chat completions, in the forms in which servers send them. */
export function readOpenAiEvent(event: unknown): EventReading {
  const error = errorText(fieldOf(event, 'error')) ?? errorText(fieldOf(event, 'errors'));
  if (error !== undefined) return { choices: [], error };
  const choices = listAt(event, 'choices');
  const usage = objectAt(event, 'usage');
  if (choices === undefined && usage === undefined) return { choices: [], isUnknown: true };
  if (stringAt(event, 'object') === 'error') return { choices: [], isUnknown: true };
  const counts = readCounts(usage, countNames);
  return {
    choices: (choices ?? []).map(readChoice),
    ...(counts === undefined ? {} : { counts }),
  };
}

function readChoice(choice: unknown, position: number): ChoiceReading {
  const delta = objectAt(choice, 'delta') ?? objectAt(choice, 'message');
  const said = readDelta(delta);
  const tokens = tokensListed(choice);
  const finish = finishOf(fieldOf(choice, 'finish_reason'));
  const error = errorText(fieldOf(choice, 'error'));
  return {
    ...said,
    index: choiceIndexOf(fieldOf(choice, 'index'), position),
    answer: (stringAt(choice, 'text') ?? '') + said.answer,
    ...(tokens === undefined ? {} : { tokens }),
    ...finish,
    ...(error === undefined ? {} : { error }),
  };
}

type Said = Pick<ChoiceReading, 'answer' | 'reasoning' | 'hasOtherOutput' | 'hasRole'>;

/** All that a delta brings. What stands in it under two names is one text. */
function readDelta(delta: object | undefined): Said {
  if (delta === undefined) return { answer: '', reasoning: '' };
  let answer = '';
  const reasoning = new Set<string>();
  let hasOtherOutput = false;
  for (const [key, value] of Object.entries(delta)) {
    if (otherKeys.has(key) || value === null || value === '') continue;
    if (key === 'content' || key === 'refusal') {
      if (typeof value === 'string') answer += value;
      else if (Array.isArray(value)) {
        const parts = value.map(readPart);
        answer += parts.map((part) => part.answer).join('');
        reasoning.add(parts.map((part) => part.reasoning).join(''));
        hasOtherOutput ||= parts.some((part) => part.hasOtherOutput === true);
      }
    } else if (key === 'tool_calls') hasOtherOutput ||= Array.isArray(value) && value.length > 0;
    else if (key === 'function_call') hasOtherOutput ||= Object.keys(value).length > 0;
    else if (key === 'audio')
      hasOtherOutput ||= ['transcript', 'data'].some((name) => (stringAt(value, name) ?? '') !== '');
    else if (key === 'images') hasOtherOutput ||= Array.isArray(value) && value.length > 0;
    // Reasoning has as many names as there are servers: any other text, and any list of such texts, is one.
    else if (typeof value === 'string') reasoning.add(value);
    else if (Array.isArray(value)) reasoning.add(value.map(textOfReasoning).join(''));
  }
  reasoning.delete('');
  // A thought that a server repeats as content is no answer yet.
  if (reasoning.has(answer)) answer = '';
  return {
    answer,
    reasoning: [...reasoning].join(''),
    ...(hasOtherOutput ? { hasOtherOutput } : {}),
    ...(stringAt(delta, 'role') === undefined ? {} : { hasRole: true }),
  };
}

/** One part of content that is a list: text, a thought, or something that is not text. */
function readPart(part: unknown): Said {
  if (typeof part === 'string') return { answer: part, reasoning: '' };
  const type = stringAt(part, 'type') ?? '';
  const thinking = fieldOf(part, 'thinking') ?? fieldOf(part, 'reasoning');
  if (thinking !== undefined || /think|reason/.test(type)) {
    const text = thinking === undefined ? textOfReasoning(part) : textOfThinking(thinking);
    return { answer: '', reasoning: text };
  }
  const text = stringAt(part, 'text') ?? stringAt(part, 'refusal') ?? stringAt(part, 'content');
  if (text !== undefined) return { answer: text, reasoning: '' };
  return { answer: '', reasoning: '', ...(type === '' ? {} : { hasOtherOutput: true }) };
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
function tokensListed(choice: unknown): number | undefined {
  const logprobs = objectAt(choice, 'logprobs');
  const list =
    listAt(choice, 'token_ids') ??
    listAt(choice, 'output_ids') ??
    listAt(logprobs, 'tokens') ??
    listAt(logprobs, 'token_logprobs') ??
    listAt(logprobs, 'content');
  return list === undefined || list.length === 0 ? undefined : list.length;
}

/** A reason as text or, as SGLang has it, an object with its type; an empty one is no end. */
export function finishOf(reason: unknown): Pick<ChoiceReading, 'finish' | 'error'> {
  if (typeof reason === 'string') return reason.trim() === '' ? {} : { finish: reason.trim() };
  if (typeof reason !== 'object' || reason === null) return {};
  const type = stringAt(reason, 'type') ?? '';
  const message = stringAt(reason, 'message') ?? '';
  if (type === '') return {};
  return { finish: message === '' ? type : `${type}: ${message}` };
}
