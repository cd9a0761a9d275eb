import { describe, expect, it } from 'vitest';
import { someLoadTest } from '../../test/support/some-load-test.ts';
import { checkLoadTest } from './check-load-test.ts';
import type { LoadTest } from './load-test.ts';

describe('requests that cannot be sent', () => {
  it.each<[Partial<LoadTest>, RegExp]>([
    [{ baseUrl: 'http://u:s3cret@h/#s3cret' }, /^baseUrl has a fragment/],
    [{ endpoint: 'v1/completions' }, /^endpoint must be a path/],
    [{ endpoint: '/v1/completions#s3cret' }, /^endpoint has a fragment/],
    [{ endpoint: '/v1/größe?key=s3cret' }, /^endpoint must be .* not "\/v1\/größe"$/],
    [{ endpoint: '/v1/com pletions' }, /^endpoint must be/],
    [{ endpoint: '/p HTTP/1.1\r\nX: y' }, /^endpoint must be/],
    [{ endpoint: '/v1/completions', useChatTemplate: true }, /takes completions/],
    [{ headers: { 'content-length': '5' } }, /"content-length" cannot be set/],
    [{ headers: { Host: 'a', HOST: 'b' } }, /given twice/],
    [{ requestIdPrefix: 'a b' }, /visible ASCII/],
    [{ requestIdPrefix: 'a', headers: { 'X-Request-ID': 'b' } }, /combined with requestIdPrefix/],
    [{ models: { models: [], assignment: 'random' } }, /models must be a list/],
    [{ backend: 'tensorrt-llm', logprobs: 1 }, /logprobs: the backend tensorrt-llm has no field/],
    [{ tokenLimitField: '' }, /tokenLimitField/],
    [{ extraBody: { prompt: 'x' } }, /extraBody sets prompt/],
    [{ backend: 'openai-chat', extraBody: { messages: [] } }, /extraBody sets messages/],
    [{ omitFields: ['prompt'] }, /prompt holds the prompt/],
    [{ omitFields: ['stream'] }, /stream is required/],
    [
      { omitFields: ['temprature'] },
      /no field "temprature"; a request has prompt, model, max_tokens, .*stream_options\.include_usage/,
    ],
    [{ omitFields: ['stream_options.nope'] }, /no field "stream_options\.nope"/],
    [{ omitFields: ['user'], extraBody: { user: 'x' } }, /also in extraBody/],
  ])('%j', (changes, problem) => {
    let message = '';
    try {
      checkLoadTest({ ...someLoadTest, ...changes });
    } catch (error) {
      message = error instanceof Error ? error.message : '';
    }
    expect(message).toMatch(problem);
    expect(message).not.toContain('s3cret');
  });

  it.each<Partial<LoadTest>>([
    { endpoint: '/v1/chat/completions?api-version=2024-10-21' },
    { endpoint: '/v1/chat/completions/', useChatTemplate: true },
    { omitFields: ['stream_options.include_usage', 'temperature', 'max_tokens', 'model', 'ignore_eos'] },
    { omitFields: ['temperature', 'sampling_params.max_new_tokens'], backend: 'sglang' },
    { omitFields: ['max_completion_tokens'], tokenLimitField: 'max_completion_tokens' },
    { extraBody: { temperature: null, messages: [] } },
    { headers: { Host: 'gateway', accept: '*/*', 'X-Team': 'größe' } },
  ])('accepts %j', (changes) => {
    expect(() => checkLoadTest({ ...someLoadTest, ...changes })).not.toThrow();
  });
});
