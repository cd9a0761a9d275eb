import { expect, test } from 'vitest';
import { forwardedFor } from './client-address.ts';

test('nobody is believed who is no proxy of ours', () => {
  expect(forwardedFor('1.1.1.1', '9.9.9.9', 0)).toBe('9.9.9.9');
  // The client wrote the first address itself.
  expect(forwardedFor('6.6.6.6, 1.1.1.1', '9.9.9.9', 1)).toBe('1.1.1.1');
  expect(forwardedFor('6.6.6.6, 1.1.1.1, 10.0.0.1', '9.9.9.9', 2)).toBe('1.1.1.1');
});

test('a proxy that says nothing, or less than it should, leaves one client', () => {
  expect(forwardedFor(undefined, '9.9.9.9', 1)).toBe('9.9.9.9');
  expect(forwardedFor('', '9.9.9.9', 1)).toBe('9.9.9.9');
  expect(forwardedFor('10.0.0.1', '9.9.9.9', 2)).toBe('10.0.0.1');
});
