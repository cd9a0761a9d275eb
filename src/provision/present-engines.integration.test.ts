import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ownGpu } from '../../test/stand-in/own-gpu.ts';
import { engineFault, provisionEngine } from './index.ts';
import type { ProvisionContext } from './provision.ts';

let folder: string;
let venv: string;
let context: ProvisionContext;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'present-engines-'));
  ({ venv } = await ownGpu(folder));
  context = { cacheDir: join(folder, 'cache'), signal: new AbortController().signal, onProgress: () => {} };
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const vllm = { program: 'vllm', packages: ['vllm'] };

describe('a preinstalled engine', () => {
  test('is used in place, with its version and the exact packages next to it', async () => {
    const program = join(venv, 'bin', 'vllm');
    const found = await provisionEngine(`path:${venv}`, context, vllm);
    expect(found).toMatchObject({ program, version: '0.24.0', digest: expect.stringMatching(/^sha256-/) });
    const site = join(venv, 'lib', 'python3.12', 'site-packages');
    await mkdir(join(site, 'torch-2.11.0.dist-info'));
    const other = await provisionEngine(`path:${venv}`, context, vllm);
    expect(other.digest).not.toBe(found.digest);
  });

  test('is found on the PATH, also through a link into its environment', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await symlink(join(venv, 'bin', 'vllm'), join(bin, 'vllm'));
    vi.stubEnv('PATH', bin);
    expect(await provisionEngine('command:vllm', context, vllm)).toMatchObject({
      program: join(bin, 'vllm'),
      version: '0.24.0',
    });
  });

  test('that is a single program prints its version', async () => {
    const program = join(folder, 'llama-server');
    await writeFile(program, '#!/bin/sh\necho "version: 6543 (0a1b2c3d)" >&2\n');
    await chmod(program, 0o755);
    expect(await provisionEngine(`command:${program}`, context, { program: 'llama-server' })).toMatchObject({
      program,
      version: '6543',
      digest: expect.stringMatching(/^sha256-[0-9a-f]{64}$/),
    });
  });

  test.each([
    ['path:/no/such/folder', 'there is no folder /no/such/folder'],
    ['path:/', 'there is no program /bin/vllm'],
    ['path:', 'names no folder'],
    ['command:no-such-command', "there is no command 'no-such-command' on the PATH"],
    ['url:ftp://host', 'is not the address of a server'],
    ['url:http://user:secret@host:8000', 'must not contain a user or password'],
    ['url:http://host:8000/v1', "has a path after the server's address"],
  ])('%s is rejected with the reason', async (image, message) => {
    vi.stubEnv('PATH', folder);
    const fault = await engineFault(image, vllm);
    expect(fault?.message).toContain(message);
    expect(fault?.message).not.toContain('secret');
    await expect(provisionEngine(image, context, vllm)).rejects.toThrow(message);
  });
});

test('an external server is its address, and nothing is searched for', async () => {
  expect(await provisionEngine('url:http://127.0.0.1:8000/', context, vllm)).toEqual({
    reference: 'url:http://127.0.0.1:8000/',
    server: 'http://127.0.0.1:8000',
  });
});
