import { describe, expect, it } from 'vitest';
import { type BackendName, backendFor, backends, type EnvelopeSettings } from './index.ts';

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

describe('native protocols', () => {
  const settingsOf = { ...settings, perChunkUsage: false };
  it.each<[BackendName, 'text' | 'messages', string, object]>([
    ['openai-responses', 'text', '"hi"', { input: 'hi', max_output_tokens: 7, stream: true, more: 'x' }],
    [
      'anthropic',
      'text',
      '"hi"',
      { messages: [{ role: 'user', content: 'hi' }], max_tokens: 7, stream: true },
    ],
    [
      'ollama',
      'text',
      '"hi"',
      { prompt: 'hi', raw: true, stream: true, options: { num_predict: 7, top_p: 0.5 } },
    ],
    ['ollama-chat', 'messages', '[]', { messages: [], options: { num_predict: 7 } }],
    ['tgi', 'text', '"hi"', { inputs: 'hi', parameters: { max_new_tokens: 7, ignore_eos_token: true } }],
  ])('%s sends %s', (name, kind, json, expected) => {
    const { before, after } = backends[name].envelope(kind, settingsOf);
    expect(JSON.parse(before + json + after)).toMatchObject(expected);
  });

  const none = { answer: () => '', completionTokens: 0 };
  it.each<[BackendName, object, object]>([
    [
      'openai-responses',
      { type: 'response.created', response: { status: 'in_progress', usage: null } },
      { choices: [] },
    ],
    ['openai-responses', { type: 'response.output_text.delta', delta: 'a' }, { choices: [{ answer: 'a' }] }],
    [
      'openai-responses',
      { type: 'response.reasoning_text.delta', delta: 'a' },
      { choices: [{ reasoning: 'a' }] },
    ],
    [
      'openai-responses',
      { type: 'response.function_call_arguments.delta', delta: '{' },
      { choices: [{ hasOtherOutput: true }] },
    ],
    [
      'openai-responses',
      {
        type: 'response.incomplete',
        response: {
          status: 'incomplete',
          incomplete_details: { reason: 'max_output_tokens' },
          usage: { input_tokens: 5, output_tokens: 7 },
        },
      },
      { choices: [], isLast: true, counts: { promptTokens: 5, completionTokens: 7 } },
    ],
    [
      'openai-responses',
      {
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      },
      { error: 'the response is incomplete: content_filter' },
    ],
    [
      'openai-responses',
      { type: 'response.failed', response: { status: 'failed', error: { message: 'no' } } },
      { error: 'no' },
    ],
    ['openai-responses', { type: 'error', message: 'no' }, { error: 'no' }],
    [
      'anthropic',
      { type: 'message_start', message: { usage: { input_tokens: 5, output_tokens: 1 } } },
      { choices: [], counts: { promptTokens: 5 } },
    ],
    [
      'anthropic',
      { type: 'content_block_start', content_block: { type: 'text', text: '' } },
      { choices: [] },
    ],
    [
      'anthropic',
      { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'a' } },
      { choices: [{ reasoning: 'a' }] },
    ],
    [
      'anthropic',
      { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: '{' } },
      { choices: [{ hasOtherOutput: true }] },
    ],
    [
      'anthropic',
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
      { choices: [{ finish: 'end_turn' }], counts: { completionTokens: 7 } },
    ],
    ['anthropic', { type: 'message_stop' }, { isLast: true }],
    ['anthropic', { type: 'error', error: { type: 'overloaded_error', message: 'busy' } }, { error: 'busy' }],
    [
      'anthropic',
      { type: 'content_block_start', content_block: { type: 'redacted_thinking', data: 'x' } },
      { choices: [], hidesTokens: true },
    ],
    [
      'anthropic',
      {
        type: 'message',
        content: [
          { type: 'redacted_thinking', data: 'x' },
          { type: 'text', text: 'a' },
        ],
      },
      { choices: [{ answer: 'a' }], hidesTokens: true },
    ],
    [
      // Anthropic's input_tokens exclude the cached tokens.
      'anthropic',
      { type: 'message_start', message: { usage: { input_tokens: 5, cache_read_input_tokens: 50 } } },
      { counts: { promptTokens: 55, cachedTokens: 50, isDamaged: false } },
    ],
    ['anthropic', { type: '__proto__' }, { choices: [], isUnknown: true }],
    ['anthropic', { type: 'constructor' }, { choices: [], isUnknown: true }],
    [
      'openai-responses',
      {
        type: 'response.completed',
        response: {
          status: 'completed',
          usage: { input_tokens: 5, output_tokens: 80, output_tokens_details: { reasoning_tokens: 64 } },
        },
      },
      { counts: { completionTokens: 80, reasoningTokens: 64, isDamaged: false } },
    ],
    ['openai-responses', { type: 'token', text: 'a' }, { choices: [], isUnknown: true }],
    ['ollama', { response: 'a', done: false }, { choices: [{ answer: 'a' }] }],
    [
      'ollama',
      { response: '', done: true, done_reason: 'length', eval_count: 7, prompt_eval_count: 5 },
      { isLast: true, choices: [{ finish: 'length' }], counts: { completionTokens: 7, promptTokens: 5 } },
    ],
    [
      'ollama-chat',
      { message: { content: '', thinking: 'a' }, done: false },
      { choices: [{ reasoning: 'a' }] },
    ],
    ['ollama', { error: 'model not found' }, { error: 'model not found' }],
    ['tgi', { token: { id: 3, text: '', special: true } }, { choices: [{ answer: '', tokens: 1 }] }],
    [
      'tgi',
      {
        token: { id: 4, text: 'a' },
        generated_text: 'a',
        details: { finish_reason: 'length', generated_tokens: 7 },
      },
      {
        isLast: true,
        choices: [{ answer: 'a', tokens: 1, finish: 'length' }],
        counts: { completionTokens: 7 },
      },
    ],
  ])('%s reads %j', (name, event, expected) => {
    expect(backends[name].read(event, none, '')).toMatchObject(expected);
  });
});

describe('user settings for the body', () => {
  const bodyWith = (name: BackendName, changes: Partial<EnvelopeSettings>): Record<string, unknown> => {
    const { before, after } = backends[name].envelope('text', { ...settings, ...changes });
    return JSON.parse(`${before}"x"${after}`);
  };

  it.each<[BackendName, Partial<EnvelopeSettings>, object, readonly string[]]>([
    ['openai', { tokenLimitField: 'max_completion_tokens' }, { max_completion_tokens: 7 }, ['max_tokens']],
    [
      'openai-chat',
      { tokenLimitField: 'max_completion_tokens' },
      { max_completion_tokens: 7 },
      ['max_tokens'],
    ],
    [
      'openai',
      { omitFields: ['stream_options', 'temperature'] },
      { max_tokens: 7 },
      ['stream_options', 'temperature'],
    ],
    [
      'openai',
      { omitFields: ['stream_options.include_usage'] },
      { stream_options: { continuous_usage_stats: true } },
      [],
    ],
    ['openai', { extraBody: { temperature: null } }, { temperature: null }, []],
    ['anthropic', { tokenLimitField: 'max_len' }, { max_len: 7 }, ['max_tokens']],
    ['openai-responses', { omitFields: ['max_output_tokens'] }, { input: 'x' }, ['max_output_tokens']],
    ['ollama', { omitFields: ['num_predict'] }, { options: { temperature: 0 } }, ['options.num_predict']],
    [
      'tgi',
      { omitFields: ['parameters.do_sample'] },
      { parameters: { details: true } },
      ['parameters.do_sample'],
    ],
    ['openai', { logprobs: 3 }, { logprobs: 3 }, ['top_logprobs']],
    ['openai-chat', { logprobs: 3 }, { logprobs: true, top_logprobs: 3 }, []],
    ['sglang', { logprobs: 3 }, { return_logprob: true, top_logprobs_num: 3 }, []],
    ['openai', { sampling: { n: 2, best_of: 4 } }, { n: 2, best_of: 4 }, []],
  ])('%s with %j', (name, changes, expected, gone) => {
    const sent = bodyWith(name, changes);
    expect(sent).toMatchObject(expected);
    for (const field of gone) expect(sent).not.toHaveProperty(field);
  });

  it('apply within the sampling parameters of SGLang', () => {
    const { sampling_params: params } = bodyWith('sglang', {
      omitFields: ['temperature', 'sampling_params.ignore_eos'],
      tokenLimitField: 'max_tokens',
      sampling: { n: 2 },
    });
    expect(params).toEqual({ max_tokens: 7, n: 2 });
  });

  it.each<[BackendName, readonly string[]]>([
    [
      'tensorrt-llm',
      ['accumulate_tokens', 'temperature', 'max_tokens', 'min_length', 'stream', 'top_p', 'more'],
    ],
    ['sglang', ['sampling_params', 'stream', 'more']],
  ])('writes valid JSON for %s if no field is left', (name, omitFields) => {
    const sent = bodyWith(name, { omitFields, extraBody: {} });
    expect(Object.keys(sent)).toHaveLength(1);
  });
});

describe('the backend of an endpoint', () => {
  it.each<[BackendName, string | undefined, boolean, BackendName]>([
    ['openai', undefined, false, 'openai'],
    ['sglang', undefined, false, 'sglang'],
    ['openai', undefined, true, 'openai-chat'],
    ['openai', '/v1/chat/completions', false, 'openai-chat'],
    ['openai', '/v1/chat/completions/', false, 'openai-chat'],
    ['openai', '/v1/chat/completions?api-version=2024-10-21', false, 'openai-chat'],
    ['openai', '/v1/chat/completions/?api-version=2024-10-21', false, 'openai-chat'],
    ['openai', '/openai/deployments/gpt/chat/completions?api-version=1', false, 'openai-chat'],
    ['openai-chat', '/v1/completions?next=/chat/completions', false, 'openai'],
    ['openai-chat', '/v1/completions/', false, 'openai'],
    ['sglang', '/v1/completions', false, 'openai'],
    ['vllm', '/v1/completions', false, 'vllm'],
    ['llama.cpp', '/v1/completions?x', false, 'llama.cpp'],
    ['vllm', '/v1/chat/completions', false, 'openai-chat'],
    ['sglang', '/generate?x=/completions', false, 'sglang'],
    ['openai', '/custom', false, 'openai'],
    ['openai', '/', false, 'openai'],
    ['openai', '/v1/messages?beta=true', false, 'anthropic'],
    ['openai', '/v1/responses/', false, 'openai-responses'],
    ['openai', '/api/chat', false, 'ollama-chat'],
    ['anthropic', undefined, true, 'anthropic'],
    ['ollama', undefined, true, 'openai-chat'],
    ['openai', '/v1/messages', true, 'anthropic'],
  ])('%s at %s with template %s is %s', (backend, endpoint, useChatTemplate, expected) => {
    expect(backendFor({ backend, endpoint, useChatTemplate })).toBe(expected);
  });
});

describe('events', () => {
  const chat = (delta: object, finish: unknown = null): object => ({
    choices: [{ delta, finish_reason: finish }],
  });
  const said = (choice: object): object => ({
    choices: [{ index: 0, answer: '', reasoning: '', ...choice }],
  });
  /** What a backend reads, without undefined fields. */
  const read = (name: BackendName, event: unknown, before = ''): object =>
    JSON.parse(
      JSON.stringify(
        backends[name].read(event, { answer: () => before, completionTokens: 1 }, ''),
        (_, value) => (value === false ? undefined : value),
      ),
    );

  it.each<[string, BackendName, unknown, object]>([
    ['text', 'openai', { choices: [{ text: 'ab', finish_reason: null }] }, said({ answer: 'ab' })],
    ['the end', 'openai', { choices: [{ text: '', finish_reason: 'length' }] }, said({ finish: 'length' })],
    [
      'an empty finish reason',
      'openai',
      { choices: [{ text: 'a', finish_reason: '' }] },
      said({ answer: 'a' }),
    ],
    [
      'usage',
      'openai',
      {
        choices: [],
        usage: { prompt_tokens: 3, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 2 } },
      },
      { choices: [], counts: { promptTokens: 3, completionTokens: 4, cachedTokens: 2 } },
    ],
    ['a null usage', 'vllm', { choices: [{ text: 'a' }], usage: null }, said({ answer: 'a' })],
    [
      'a negative count',
      'openai',
      { usage: { completion_tokens: -1 } },
      { choices: [], counts: { isDamaged: true } },
    ],
    [
      'half a token',
      'openai',
      { usage: { completion_tokens: 8.5 } },
      { choices: [], counts: { isDamaged: true } },
    ],
    [
      'a count as text',
      'openai',
      { usage: { completion_tokens: '8' } },
      { choices: [], counts: { isDamaged: true } },
    ],
    [
      'an absurd count',
      'openai',
      { usage: { completion_tokens: 2 ** 32 } },
      { choices: [], counts: { isDamaged: true } },
    ],
    ...(
      [
        ['with a contradicting total', { total_tokens: 50 }, { isDamaged: true }],
        ['with a matching total', { total_tokens: 7 }, {}],
        [
          'with more reasoning tokens than output tokens',
          { completion_tokens_details: { reasoning_tokens: 5 } },
          { reasoningTokens: 5, isDamaged: true },
        ],
        [
          'of reasoning and a prediction',
          { completion_tokens_details: { reasoning_tokens: 1, rejected_prediction_tokens: 2 } },
          { reasoningTokens: 1, rejectedTokens: 2 },
        ],
        ['of reasoning under a bare name', { reasoning_tokens: 3 }, { reasoningTokens: 3 }],
        ['with a negative reasoning count', { completion_tokens_details: { reasoning_tokens: -1 } }, {}],
        [
          'with more cached tokens than prompt tokens',
          { prompt_tokens_details: { cached_tokens: 4 } },
          { isDamaged: true },
        ],
      ] as const
    ).map(([name, more, counts]): [string, BackendName, unknown, object] => [
      `counts ${name}`,
      'openai',
      { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, ...more } },
      { choices: [], counts: { promptTokens: 3, completionTokens: 4, ...counts } },
    ]),
    ['token ids', 'openai', { choices: [{ text: '', token_ids: [5, 6] }] }, said({ tokens: 2 })],
    [
      'the second choice',
      'openai',
      { choices: [{ index: 1, text: 'a' }] },
      { choices: [{ index: 1, answer: 'a', reasoning: '' }] },
    ],
    ['a role alone', 'openai-chat', chat({ role: 'assistant', content: '' }), said({ hasRole: true })],
    ['reasoning', 'openai-chat', chat({ content: null, reasoning_content: 'hm' }), said({ reasoning: 'hm' })],
    [
      'text whose name does not suggest reasoning',
      'openai-chat',
      chat({ role: 'assistant', status: 'queued' }),
      said({ hasUnknownText: true, hasRole: true }),
    ],
    ['a finish reason in a delta', 'openai-chat', chat({ finish_reason: 'x' }), said({})],
    [
      'the empty end of a tool call',
      'openai-chat',
      chat({ tool_calls: [{ index: 0, id: 'c', type: 'function', function: { arguments: '' } }] }),
      said({}),
    ],
    ['an index as text', 'openai', { choices: [{ index: '1', text: 'a' }] }, said({ index: 1, answer: 'a' })],
    ['choices by index', 'openai', { choices: { 1: { text: 'a' } } }, said({ index: 1, answer: 'a' })],
    [
      'a finish reason that is not final',
      'openai',
      { choices: [{ text: 'a', finish_reason: 'None' }] },
      said({ answer: 'a' }),
    ],
    ['text of another protocol', 'openai', { content: 'a' }, { choices: [], isUnknown: true }],
    [
      'an error in a delta',
      'openai-chat',
      chat({ error: 'no' }),
      said({ hasUnknownText: true, error: 'no' }),
    ],
    ['reasoning under a new name', 'openai-chat', chat({ deliberation: 'hm' }), said({ reasoning: 'hm' })],
    [
      'one thought under two names',
      'openai-chat',
      chat({ reasoning: 'hm', reasoning_content: 'hm' }),
      said({ reasoning: 'hm' }),
    ],
    [
      'details of reasoning',
      'openai-chat',
      chat({ reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] }),
      said({ reasoning: 'hm' }),
    ],
    [
      'a tool call',
      'openai-chat',
      chat({ tool_calls: [{ index: 0, function: { arguments: 'a' } }] }),
      said({ hasOtherOutput: true }),
    ],
    ['an empty list of tool calls', 'openai-chat', chat({ tool_calls: [] }), said({})],
    ['a refusal', 'openai-chat', chat({ refusal: 'no' }), said({ answer: 'no' })],
    [
      'parts',
      'openai-chat',
      chat({
        content: [
          { type: 'thinking', thinking: [{ text: 'hm' }] },
          { type: 'text', text: 'a' },
        ],
      }),
      said({ answer: 'a', reasoning: 'hm' }),
    ],
    ['audio', 'openai-chat', chat({ audio: { transcript: 'a' } }), said({ hasOtherOutput: true })],
    [
      'a message',
      'openai-chat',
      { choices: [{ message: { content: 'a' } }] },
      said({ answer: 'a', isWhole: true }),
    ],
    ['an error', 'openai', { error: { message: 'no' } }, { choices: [], error: 'no' }],
    ['an empty error', 'openai', { choices: [{ text: 'a' }], error: {} }, said({ answer: 'a' })],
    [
      'an error in a choice',
      'openai-chat',
      { choices: [{ delta: {}, error: { message: 'no' } }] },
      said({ error: 'no' }),
    ],
    ['something else', 'openai', { detail: 'no' }, { choices: [], isUnknown: true }],
    ['nonsense', 'openai', 5, { choices: [], isUnknown: true }],
    ['new text', 'tensorrt-llm', { text_output: 'abc' }, said({ answer: 'abc' })],
  ])('%s from %s', (_, name, event, expected) => {
    expect(read(name, event)).toEqual(expected);
  });

  it('rejects more choices than anyone requests', () => {
    expect(() => read('openai', { choices: new Array<number>(1025).fill(0) })).toThrow('1025 choices');
    expect(read('openai', { choices: new Array<number>(1024).fill(0) })).toHaveProperty('choices');
  });

  it.each<[string, unknown, string, object]>([
    [
      'text that repeats what came before',
      { text: 'abcd', meta_info: { completion_tokens: 2, prompt_tokens: 5, finish_reason: null } },
      'abc',
      { ...said({ answer: 'd', tokensSoFar: 2 }), counts: { promptTokens: 5 } },
    ],
    [
      'a long text that does not repeat what came before',
      { text: 'cdefgh', meta_info: { completion_tokens: 2, finish_reason: null } },
      'ab',
      { ...said({ answer: 'cdefgh', tokensSoFar: 2 }), counts: {} },
    ],
    [
      'ids without text',
      { output_ids: [1, 2], meta_info: { completion_tokens: 2 } },
      '',
      { ...said({ tokensSoFar: 2 }), counts: {} },
    ],
    [
      'an end with a reason',
      { text: 'a', meta_info: { finish_reason: { type: 'abort', message: 'gone' } } },
      'a',
      { ...said({ finish: 'abort: gone' }), counts: {} },
    ],
  ])('%s from sglang', (_, event, before, expected) => {
    expect(read('sglang', event, before)).toEqual(expected);
  });
});
