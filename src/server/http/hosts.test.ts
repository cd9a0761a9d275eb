import { expect, test } from 'vitest';
import { hostGuard, isLoopback } from './hosts.ts';

test('a loopback server answers only to loopback names', () => {
  const allows = hostGuard('127.0.0.1', []);
  for (const host of ['127.0.0.1:8080', 'localhost', 'LOCALHOST:1', '[::1]:8080'])
    expect(allows(host), host).toBe(true);
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '', undefined])
    expect(allows(host), String(host)).toBe(false);
});

test('a given name is accepted, and any name if the server listens on all addresses and none is given', () => {
  expect(hostGuard('0.0.0.0', ['bench.example'])('bench.example:443')).toBe(true);
  expect(hostGuard('0.0.0.0', ['bench.example'])('evil.example')).toBe(false);
  expect(hostGuard('0.0.0.0', [])('anything.example')).toBe(true);
  expect(hostGuard('::1', [])('[::1]:3')).toBe(true);
});

test('recognises loopback addresses', () => {
  expect(['127.0.0.1', '127.8.8.8', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
  expect(['0.0.0.0', '::', '10.0.0.1', 'example'].map(isLoopback)).toEqual([false, false, false, false]);
});
