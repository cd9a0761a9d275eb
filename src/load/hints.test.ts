import { describe, expect, it } from 'vitest';
import { someLoadTest } from '../../test/support/some-load-test.ts';
import { hintFor } from './hints.ts';
import type { LoadTest } from './load-test.ts';

const hint = (troubleClass: string, example: string, changes: Partial<LoadTest> = {}): string =>
  hintFor({ ...someLoadTest, ...changes }, { class: troubleClass, example });

describe("the hint for a server's error message", () => {
  it.each([
    // Plain text, then the formats of FastAPI with pydantic, serde, Go and zod, and free text.
    [
      'http-422',
      '{"detail":[{"type":"string_type","loc":["body","prompt"],"msg":"Input should be a valid string"}]}',
    ],
    ['http-400', '{"error":{"message":"prompt must be a string"}}'],
    [
      'http-422',
      'Failed to deserialize the JSON body: prompt: invalid type: sequence, expected a string at line 1',
    ],
    ['http-400', 'json: cannot unmarshal array into Go struct field CompletionRequest.prompt of type string'],
    ['http-400', '{"error":{"message":"Invalid type for \'prompt\': expected string, received array"}}'],
    [
      'http-400',
      "[{'loc': ('body', 'prompt', 'str'), 'msg': 'str type expected'}] prompt should be a valid string",
    ],
  ])('%s %s: --prompt-format text', (troubleClass, example) => {
    expect(hint(troubleClass, example)).toMatch(/--prompt-format text/);
    expect(hint(troubleClass, example, { promptFormat: 'text' })).not.toMatch(/--prompt-format text/);
  });

  it.each([
    ['{"error":{"message":"Token id 28999 is out of vocabulary","code":400}}', /--token-ids 0-999,/],
    ['token id 28999 is out of vocab', /--token-ids 0-999,/],
    ['Token ids must be less than 1000: they are out of range of the vocabulary', /--token-ids 0-999$/],
    ['The input_ids are out of range: vocab_size = 32000', /--token-ids 0-31999$/],
    ['prompt token ids exceed the vocab size (151936)', /--token-ids 0-151935$/],
    ['token id 29999 is invalid: it must be between 0 and 4095', /--token-ids 0-4095$/],
  ])('%s: %s', (example, expected) => {
    expect(hint('http-400', example)).toMatch(expected);
  });

  it.each([
    [
      '{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}',
      'stream_options',
    ],
    ['{"error":{"message":"Unrecognized request argument supplied: stream_options"}}', 'stream_options'],
    ['{"error":{"message":"Unknown parameter: \'stream_options\'."}}', 'stream_options'],
    ['unknown field `stream_options`, expected one of `model`, `prompt`', 'stream_options'],
    ['json: unknown field \\"temperature\\"', 'temperature'],
    ["Additional properties are not allowed ('stream_options' was unexpected)", 'stream_options'],
    ["property 'temperature' is unsupported", 'temperature'],
    ['stream_options: Extra inputs are not permitted', 'stream_options'],
    ['{"error":"`temperature` must be strictly positive","error_type":"validation"}', 'temperature'],
    ["Unsupported value: 'temperature' does not support 0 with this model.", 'temperature'],
  ])('%s: --omit-field', (example, name) => {
    expect(hint('http-400', example)).toMatch(new RegExp(`--omit-field ${name}$`));
  });

  it.each([
    [
      "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
      {},
      /--max-tokens-field max_completion_tokens/,
    ],
    ['Unrecognized request argument supplied: ignore_eos', {}, /--ignore-eos/],
    ["Unknown parameter: 'top_k'", { sampling: { top_k: 4 } }, /leave out --top-k/],
    ["Unknown parameter: 'guided'", { extraBody: { guided: 1 } }, /out of --extra-body/],
    [
      'max_completion_tokens: extra inputs are not permitted',
      { tokenLimitField: 'max_completion_tokens' },
      /leave out --max-tokens-field/,
    ],
    ["This model's maximum context length is 100 tokens", {}, /--random-input-len/],
    ['The model `m` does not exist.', {}, /leave out --model/],
  ] satisfies [string, Partial<LoadTest>, RegExp][])('%s', (example, changes, expected) => {
    expect(hint('http-400', example, changes)).toMatch(expected);
  });

  it.each<[string, string, Partial<LoadTest>, RegExp]>([
    [
      'http-404',
      'no such path',
      { baseUrl: 'http://u:secret@h/v1?key=secret' },
      /leave out the \/v1 .* http:\/\/h\/v1:/,
    ],
    ['http-404', 'no such path', { baseUrl: 'http://h/v1', endpoint: '/completions' }, /--endpoint/],
    ['http-404', 'no such path', { baseUrl: 'http://h/v1/completions' }, /ends with a request path/],
    ['http-404', 'no such path', {}, /\/v1\/completions: pass/],
    ['http-401', 'no', {}, /set OPENAI_API_KEY/],
    ['http-403', 'no', { headers: { authorization: 'Bearer x' } }, /rejects this key/],
    ['http-307', 'status 307 with location https://h/v1/completions', {}, /--base-url https:\/\/h$/],
    ['http-302', 'status 302 without a location', {}, /redirects/],
    ['stalled', 'no byte', {}, /manually/],
  ])('%s %s', (troubleClass, example, changes, expected) => {
    const told = hint(troubleClass, example, changes);
    expect(told).toMatch(expected);
    expect(told).not.toContain('secret');
  });
});
