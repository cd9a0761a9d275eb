import { describe, expect, it } from 'vitest';
import { type BackendName, backends } from './index.ts';

const settings = {
  model: 'm',
  outputTokens: 7,
  ignoreEos: true,
  sampling: { top_p: 0.5 },
  perChunkUsage: true,
  extraBody: { more: 'x' },
};
const body = (name: BackendName, kind: 'token-ids' | 'text' | 'messages', json: string): unknown => {
  const { before, after } = backends[name].envelope(kind, settings);
  return JSON.parse(before + json + after);
};

describe('requests', () => {
  it.each<[BackendName, 'token-ids' | 'text' | 'messages', string, object]>([
    [
      'openai',
      'token-ids',
      '[1,2]',
      {
        prompt: [1, 2],
        model: 'm',
        max_tokens: 7,
        stream: true,
        ignore_eos: true,
        top_p: 0.5,
        more: 'x',
        stream_options: { include_usage: true, continuous_usage_stats: true },
      },
    ],
    ['openai-chat', 'text', '"hi"', { messages: [{ role: 'user', content: 'hi' }], max_tokens: 7 }],
    [
      'openai-chat',
      'messages',
      '[{"role":"system","content":"x"}]',
      { messages: [{ role: 'system', content: 'x' }] },
    ],
    [
      'sglang',
      'token-ids',
      '[1,2]',
      {
        input_ids: [1, 2],
        stream: true,
        more: 'x',
        sampling_params: { max_new_tokens: 7, ignore_eos: true, top_p: 0.5 },
      },
    ],
    ['sglang', 'text', '"hi"', { text: 'hi' }],
    ['tensorrt-llm', 'text', '"hi"', { text_input: 'hi', max_tokens: 7, min_length: 7, stream: true }],
  ])('%s with %s', (name, kind, json, expected) => {
    expect(body(name, kind, json)).toMatchObject(expected);
  });
});

describe('events', () => {
  const chat = (delta: object, finish: string | null = null): object => ({
    choices: [{ delta, finish_reason: finish }],
  });
  it.each<[string, BackendName, unknown, number, object]>([
    ['text', 'openai', { choices: [{ text: 'ab', finish_reason: null }] }, 0, { text: 'ab' }],
    [
      'the end',
      'openai',
      { choices: [{ text: '', finish_reason: 'length' }] },
      0,
      { text: '', finished: true },
    ],
    [
      'a usage',
      'openai',
      { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } },
      0,
      { text: '', promptTokens: 3, completionTokens: 4 },
    ],
    ['a usage that is null', 'vllm', { choices: [{ text: 'a' }], usage: null }, 0, { text: 'a' }],
    ['a role alone', 'openai-chat', chat({ role: 'assistant', content: '' }), 0, { text: '' }],
    ['reasoning', 'openai-chat', chat({ content: null, reasoning_content: 'hm' }), 0, { text: 'hm' }],
    ['an error', 'openai', { error: { message: 'no' } }, 0, { text: '', error: 'no' }],
    [
      'text that repeats what came before',
      'sglang',
      { text: 'abcd', meta_info: { completion_tokens: 2, prompt_tokens: 5, finish_reason: null } },
      3,
      { text: 'd', completionTokens: 2, promptTokens: 5 },
    ],
    [
      'text that does not repeat what came before',
      'sglang',
      { text: 'cd', meta_info: { completion_tokens: 2, finish_reason: null } },
      2,
      { text: 'cd', completionTokens: 2 },
    ],
    [
      'an end with a reason',
      'sglang',
      { text: 'a', meta_info: { finish_reason: { type: 'length' } } },
      1,
      { text: '', finished: true },
    ],
    ['new text', 'tensorrt-llm', { text_output: 'abc' }, 0, { text: 'abc' }],
    ['nonsense', 'openai', 5, 0, { text: '' }],
  ])('%s from %s', (_, name, event, prior, expected) => {
    expect(backends[name].read(event, { textLength: prior, completionTokens: 1 })).toEqual(expected);
  });
});
