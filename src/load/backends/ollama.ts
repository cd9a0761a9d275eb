import type { Backend, EnvelopeSettings, EventReading } from './backend.ts';
import { restOfBody } from './body.ts';
import { readCounts } from './counts.ts';
import { fieldOf, listAt, objectAt, stringAt } from './json-fields.ts';
import { finishOf } from './openai-events.ts';
import { eachToken, type SampleReply, sampleLines, sampleToken } from './sample.ts';
import { errorText } from './server-messages.ts';

const countNames = { completion: [['eval_count']], prompt: [['prompt_eval_count']] } as const;

const tokenLimitField = 'num_predict';

/** Ollama's native `/api/generate`, with lines of JSON. The prompt is sent as is, without the model's template. */
export const ollama: Backend = {
  path: '/api/generate',
  pathEnding: '/api/generate',
  tokenLimitField,
  prompts: ['text'],
  textKeys: [],
  hasLastEvent: true,
  envelope: (_prompt, settings) => ({ before: '{"prompt":', after: fieldsOf(settings, { raw: true }) }),
  read,
  sample: (_id, tokens) => sampleOf(tokens, { response: sampleToken }, { response: '' }),
};

/** Ollama's native `/api/chat`. */
export const ollamaChat: Backend = {
  ...ollama,
  path: '/api/chat',
  pathEnding: '/api/chat',
  prompts: ['text', 'messages'],
  envelope(prompt, settings) {
    const after = fieldsOf(settings, {});
    return prompt === 'messages'
      ? { before: '{"messages":', after }
      : { before: '{"messages":[{"role":"user","content":', after: `}]${after}` };
  },
  sample: (_id, tokens) => sampleOf(tokens, { message: message(sampleToken) }, { message: message('') }),
};

const message = (content: string): object => ({ role: 'assistant', content });

function sampleOf(tokens: number, token: object, end: object): SampleReply {
  const head = { model: 'model', created_at: '2026-01-01T00:00:00Z' };
  return sampleLines([
    ...eachToken(tokens, () => ({ ...head, ...token, done: false })),
    { ...head, ...end, done: true, done_reason: 'length', prompt_eval_count: 8, eval_count: tokens },
  ]);
}

function fieldsOf(settings: EnvelopeSettings, own: object): string {
  const { model, outputTokens, sampling } = settings;
  const options = {
    temperature: 0,
    [settings.tokenLimitField ?? tokenLimitField]: outputTokens,
    ...sampling,
  };
  return restOfBody({ model, stream: true, options, ...own }, settings);
}

function read(event: unknown): EventReading {
  const error = errorText(fieldOf(event, 'error'));
  if (error !== undefined) return { choices: [], error };
  const message = objectAt(event, 'message');
  const isDone = fieldOf(event, 'done');
  if (typeof isDone !== 'boolean') return { choices: [], isUnknown: true };
  const answer = stringAt(event, 'response') ?? stringAt(message, 'content') ?? '';
  const reasoning = stringAt(event, 'thinking') ?? stringAt(message, 'thinking') ?? '';
  const hasOtherOutput = (listAt(message, 'tool_calls')?.length ?? 0) > 0;
  const counts = isDone ? readCounts(event, countNames) : undefined;
  const finish = isDone ? finishOf(stringAt(event, 'done_reason') ?? 'stop') : {};
  return {
    choices: [{ index: 0, answer, reasoning, hasOtherOutput, ...finish }],
    counts,
    isLast: isDone,
  };
}
