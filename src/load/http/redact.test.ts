import { describe, expect, it } from 'vitest';
import { redactorFor } from './redact.ts';

describe('secrets that servers repeat', () => {
  const redact = redactorFor({
    baseUrl: 'http://user:correct-horse@h/v1?key=abc&sig=a%2Fb%2Fc%2Fd&api-version=2024-10-21',
    endpoint: '/chat/completions?code=xyzzy12345',
    headers: { 'X-Api-Key': 'sk-header-key' },
  });
  it.each([
    ['Cannot POST /v1/chat/completions?key=abc', 'Cannot POST /v1/chat/completions?key=***'],
    ['no such code: xyzzy12345', 'no such code: ***'],
    ['signature a/b/c/d is wrong', 'signature *** is wrong'],
    ['wrong password correct-horse', 'wrong password ***'],
    [`bad header Basic ${btoa('user:correct-horse')}`, 'bad header Basic ***'],
    ['the end of it was cut off: sk-header-k', 'the end of it was cut off: ***'],
    ['key sk-header-key is not known', 'key *** is not known'],
    ['api-version 2024-10-21 is too old, abc', 'api-version 2024-10-21 is too old, abc'],
  ])('%s', (text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  it('hides tokens of any authorization scheme', () => {
    const shown = redactorFor({ baseUrl: 'http://h', headers: { authorization: 'Bearer sk-12345678==' } });
    expect(shown('Incorrect key sk-12345678==')).toBe('Incorrect key ***');
  });

  it('leaves texts unchanged if there is nothing to hide', () => {
    expect(redactorFor({ baseUrl: 'http://h' })('as it is')).toBe('as it is');
  });
});
