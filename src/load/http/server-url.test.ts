import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemOfServerUrl } from '../transports/index.ts';
import { parseServerUrl, requestTarget, shownServer } from './server-url.ts';

describe('base URLs', () => {
  it.each([
    ['http://h', '/v1/completions', '/v1/completions'],
    ['http://h/', '/v1/completions', '/v1/completions'],
    ['http://h/a/b//', '/v1/completions', '/a/b/v1/completions'],
    ['http://h/?key=abc', '/v1/completions', '/v1/completions?key=abc'],
    ['http://h/a?key=abc&x=%20', '/v1/c?api-version=1', '/a/v1/c?key=abc&x=%20&api-version=1'],
    ['http://h?', '/c?q=what?', '/c?q=what?'],
    ['unix:///run/e.sock', '/v1/completions', '/v1/completions'],
    ['unix:///run/e.sock:/a/', '/c', '/a/c'],
    ['unix:///run/e.sock?key=abc', '/c', '/c?key=abc'],
    ['http+unix://%2Frun%2Fe.sock/a?key=abc', '/c?x', '/a/c?key=abc&x'],
  ])('%s with %s', (baseUrl, path, target) => {
    expect(requestTarget(parseServerUrl(baseUrl), path)).toBe(target);
  });

  it.each([
    ['http://h', { place: { hostname: 'h', port: 80 }, host: 'h', secure: false }],
    ['https://h', { place: { hostname: 'h', port: 443 }, host: 'h', secure: true }],
    ['http://[::1]:8000', { place: { hostname: '::1', port: 8000 }, host: '[::1]:8000' }],
    ['unix:///run/a%20b.sock', { place: { socketPath: '/run/a b.sock' }, host: 'localhost' }],
    ['unix:/run/e.sock', { place: { socketPath: '/run/e.sock' } }],
    ['HTTP+UNIX://%2Frun%2Fe.sock', { place: { socketPath: '/run/e.sock' } }],
    ['http://me:p%40ss@h', { authorization: `Basic ${btoa('me:p@ss')}` }],
    ['http://token@h', { authorization: `Basic ${btoa('token:')}` }],
    ['http://h', { authorization: undefined }],
  ])('%s', (baseUrl, expected) => {
    expect(parseServerUrl(baseUrl)).toMatchObject(expected);
  });

  it.each([
    ['', /is not a URL/],
    ['nowhere', /is not a URL/],
    ['localhost:8000', /is not a URL/],
    ['ftp://h', /expected an http:/],
    ['http://h/#part', /fragment/],
    ['unix:///a.sock#x', /fragment/],
    ['unix://run/e.sock', /three|absolute/],
    ['unix:e.sock', /absolute/],
    ['unix:', /absolute/],
    ['unix:///', /absolute/],
    ['unix:////e.sock', /absolute/],
    ['http+unix:///e.sock', /absolute/],
    [`unix:///${'x'.repeat(120)}`, /107 bytes/],
    ['http://a%zz:b@h', /%25/],
  ])('refuses %s', (baseUrl, problem) => {
    expect(problemOfServerUrl(baseUrl)).toMatch(problem);
  });

  it('never shows a password or a query, even if the URL is invalid', () => {
    const secret = fc.stringMatching(/^[a-z]{9,12}$/);
    const forms = fc.constantFrom(
      (word: string) => `http://user:${word}@h/p`,
      (word: string) => `https://${word}@h`,
      (word: string) => `http://h/p?key=${word}`,
      (word: string) => `unix:///run/e.sock?key=${word}`,
      (word: string) => `ftp://user:${word}@h`,
      (word: string) => `http://user:${word}@[h`,
      (word: string) => `http://h/#${word}`,
      (word: string) => `unix:x?${word}`,
    );
    fc.assert(
      fc.property(forms, secret, (form, word) => {
        const baseUrl = form(word);
        expect(problemOfServerUrl(baseUrl) ?? shownServer(baseUrl)).not.toContain(word);
      }),
    );
  });
});
