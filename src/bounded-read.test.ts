import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bodyWithin, bytesOfFile, openFile, textWithin } from './bounded-read.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bounded-read-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('an endless stream is read up to the limit and then closed', async () => {
  let sent = 0;
  let ended = false;
  async function* endless() {
    try {
      for (;;) {
        sent += 1000;
        yield Buffer.alloc(1000, 'x');
      }
    } finally {
      ended = true;
    }
  }
  await expect(textWithin(endless(), 10_240)).rejects.toThrow('is longer than 10 KiB');
  expect({ sent, ended }).toEqual({ sent: 11_000, ended: true });
});

test('a character that is split between chunks is decoded correctly', async () => {
  const bytes = Buffer.from('a – b');
  async function* chunks() {
    for (const byte of bytes) yield Buffer.from([byte]);
  }
  expect(await textWithin(chunks(), 100)).toBe('a – b');
  expect(await bodyWithin(new Response('a – b'), 100)).toBe('a – b');
  expect(await bodyWithin(new Response(null), 100)).toBe('');
});

test('only regular files are read, and only up to the limit', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'content');
  expect(String(await bytesOfFile(file, 7))).toBe('content');
  await expect(bytesOfFile(file, 6)).rejects.toThrow('is longer than 6 bytes');
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await expect(bytesOfFile(join(folder, 'pipe'), 7)).rejects.toThrow('is not a regular file');
  await expect(bytesOfFile(folder, 7)).rejects.toThrow('is not a regular file');
  await expect(bytesOfFile('/dev/zero', 7)).rejects.toThrow('is not a regular file');
});

test('a link is followed only if allowed', async () => {
  await writeFile(join(folder, 'file'), 'content');
  await symlink('file', join(folder, 'link'));
  expect(String(await bytesOfFile(join(folder, 'link'), 7))).toBe('content');
  await expect(openFile(join(folder, 'link'), { followLinks: false })).rejects.toThrow('ELOOP');
});
