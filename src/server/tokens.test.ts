import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TokenFile } from './tokens.ts';

const now = new Date('2026-01-01T00:00:00Z');
let folder: string;
let path: string;
let tokens: TokenFile;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokens-'));
  path = join(folder, 'tokens.json');
  tokens = new TokenFile(path);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('a token is recognised by its secret, which is not in the file', async () => {
  const secret = await tokens.create('ci', { now });
  const other = await tokens.create('laptop', { now });
  expect(await tokens.nameOf(secret, now)).toBe('ci');
  expect(await tokens.nameOf(other, now)).toBe('laptop');
  expect(await tokens.nameOf(`${secret}x`, now)).toBeUndefined();
  expect(await tokens.nameOf('', now)).toBeUndefined();
  expect(await readFile(path, 'utf8')).not.toContain(secret.slice(4));
});

test('a token is invalid once revoked or expired', async () => {
  const secret = await tokens.create('ci', { now, days: 1 });
  expect(await tokens.nameOf(secret, new Date(now.getTime() + 86_399_000))).toBe('ci');
  expect(await tokens.nameOf(secret, new Date(now.getTime() + 86_401_000))).toBeUndefined();
  await tokens.revoke('ci');
  expect(await tokens.list()).toEqual([]);
});

test('names are unique, and a file that is not a token file is not overwritten', async () => {
  await tokens.create('ci', { now });
  await expect(tokens.create('ci', { now })).rejects.toThrow("there is already a token 'ci'");
  await expect(tokens.revoke('other')).rejects.toThrow("there is no token 'other'");
  await writeFile(path, '{"tokens": 1');
  await expect(tokens.create('new', { now })).rejects.toThrow('is not a list of tokens');
  expect(await readFile(path, 'utf8')).toBe('{"tokens": 1');
});
