import { describe, expect, it } from 'vitest';
import { complaintIn, errorText, textIn } from './server-messages.ts';

describe('complaints', () => {
  it.each<[object, string]>([
    [{ error_msg: 'engine died', error_code: 336 }, 'engine died'],
    [{ errorMessage: 'engine died' }, 'engine died'],
    [{ ErrorMessage: 'engine died' }, 'engine died'],
    [{ 'error-message': 'engine died' }, 'engine died'],
    [{ code: 0, error_msg: 'engine died' }, 'engine died'],
    [{ code: 0, message: 'engine died' }, 'engine died'],
    [{ code: 500, message: 'ok' }, '{"code":500,"message":"ok"}'],
    [{ code: 7 }, '{"code":7}'],
    [{ status: 503 }, '{"status":503}'],
    [{ status: 'failed' }, '{"status":"failed"}'],
    [{ success: false }, '{"success":false}'],
    [{ type: 'message_error', title: 'engine died' }, 'engine died'],
    [{ finishReason: 'ERROR' }, '{"finishReason":"ERROR"}'],
    [{ hasErrors: true }, '{"hasErrors":true}'],
    [{ message: 'engine died' }, 'engine died'],
  ])('%j is one in any event without output', (event, text) => {
    expect(complaintIn(event, 'known')).toBe(text);
    expect(complaintIn(event, 'unknown')).toBe(text);
  });

  it.each<object>([
    { code: 0, msg: 'success' },
    { code: 200, msg: 'ok' },
    { code: '0', message: 'OK' },
    { code: 10_000, message: 'success' },
    { success: true, message: 'request served' },
    { status: 'in_progress' },
    { status: 1 },
    { error_count: 0, errors: [], error: { code: 0, message: '' } },
    { error: 'none' },
    { default: 'x' },
    { finish_reason: 'stop', type: 'text', object: 'text_completion' },
    { type: 'ping' },
  ])('%j is not one', (event) => {
    expect(complaintIn(event, 'known')).toBeUndefined();
    expect(complaintIn(event, 'unknown')).toBeUndefined();
  });

  it('are read more strictly in known forms, where a reason or a title need not be a complaint', () => {
    expect(complaintIn({ reason: 'the queue is long' }, 'unknown')).toBe('the queue is long');
    expect(complaintIn({ reason: 'the queue is long' }, 'known')).toBeUndefined();
    expect(complaintIn({ reason: 'the engine crashed' }, 'known')).toBe('the engine crashed');
    expect(complaintIn({ message: 'hello' }, 'part')).toBeUndefined();
    expect(complaintIn({ message: { role: 'assistant', content: 'hello' } }, 'known')).toBeUndefined();
  });

  it.each<[unknown, string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    [false, undefined],
    [{}, undefined],
    [[null], undefined],
    [{ code: 0, message: 'success' }, undefined],
    ['out of memory', 'out of memory'],
    [true, 'true'],
    [[{ message: 'out of memory' }], 'out of memory'],
    [{ type: 'overloaded_error', code: 529 }, '{"type":"overloaded_error","code":529}'],
  ])('the error field %j reads as %j', (error, text) => {
    expect(errorText(error)).toBe(text);
  });
});

describe('text of an unknown form', () => {
  it.each<[unknown, string | undefined]>([
    [{ content: 'a', stop: false }, 'a'],
    [{ candidates: [{ content: { parts: [{ text: 'a' }] } }] }, 'a'],
    [{ generatedText: 'a' }, 'a'],
    [{ tokens: ['', 'a'] }, 'a'],
    [{ content: '', id: 'x', model: 'm' }, undefined],
    [{ ts: 5 }, undefined],
    [null, undefined],
  ])('%j has the text %j', (event, text) => {
    expect(textIn(event)).toBe(text);
  });
});
