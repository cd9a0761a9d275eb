import { describe, expect, it } from 'vitest';
import { redirectHint, redirectMessage } from './redirect.ts';

const message = (location: string): string => redirectMessage(307, new Map([['location', location]])) ?? '';

describe('redirects', () => {
  it('are reported with their location, without its credentials and query', () => {
    expect(message('https://me:s3cret@h/p?sig=s3cret#s3cret')).toBe('status 307 with location https://h/p');
    expect(message('//me:s3cret@h/p')).toBe('status 307 with location //h/p');
    expect(redirectMessage(302, new Map())).toBe('status 302 without a location');
    expect(redirectMessage(304, new Map([['location', '/p']]))).toBeUndefined();
    expect(redirectMessage(200, new Map([['location', '/p']]))).toBeUndefined();
  });

  it.each([
    ['http://h:1', '/v1/c', '/v1/c/', /--endpoint \/v1\/c\/$/],
    ['http://h:1', '/v1/c', 'http://h:1/other', /--endpoint \/other$/],
    ['http://h:1/a', '/v1/c', '/a/v2/c', /--endpoint \/v2\/c$/],
    ['http://h:1/a', '/v1/c', '/v1/c', /--base-url http:\/\/h:1 --endpoint \/v1\/c$/],
    ['http://h:1', '/v1/c', 'https://h:1/v1/c', /--base-url https:\/\/h:1$/],
    ['http://h:1/a', '/v1/c?x=1', 'http://other/b/v1/c', /--base-url http:\/\/other\/b$/],
    ['http://h:1', '/v1/c', 'http://other/login', /--base-url http:\/\/other --endpoint \/login$/],
    ['unix:///e.sock', '/v1/c', '/v1/c/', /--endpoint \/v1\/c\/$/],
  ])('from %s %s to %s give a hint', (baseUrl, path, location, hint) => {
    expect(redirectHint(message(location), { baseUrl, path })).toMatch(hint);
  });

  it.each(['', 'http://[', 'mailto:x@y'])('to %j give no hint', (location) => {
    expect(redirectHint(message(location), { baseUrl: 'http://h', path: '/p' })).toBeUndefined();
  });
});
