import { expect, test } from 'vitest';
import { forwardedFor } from './client-address.ts';

test('trusts only addresses that our own proxies added', () => {
  expect(forwardedFor('1.1.1.1', '9.9.9.9', 0)).toBe('9.9.9.9');
  // The client itself wrote the first address.
  expect(forwardedFor('6.6.6.6, 1.1.1.1', '9.9.9.9', 1)).toBe('1.1.1.1');
  expect(forwardedFor('6.6.6.6, 1.1.1.1, 10.0.0.1', '9.9.9.9', 2)).toBe('1.1.1.1');
});

test('treats all requests as one client if a proxy adds no address or too few', () => {
  expect(forwardedFor(undefined, '9.9.9.9', 1)).toBe('9.9.9.9');
  expect(forwardedFor('', '9.9.9.9', 1)).toBe('9.9.9.9');
  expect(forwardedFor('10.0.0.1', '9.9.9.9', 2)).toBe('10.0.0.1');
});
