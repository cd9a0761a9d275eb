import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../src/package-root.ts';
import { openStore } from '../src/store/index.ts';
import { ownGpu } from './stand-in/own-gpu.ts';
import { examplesOf } from './support/doc-examples.ts';
import { DockerStandIn } from './support/docker-stand-in.ts';

let folder: string;
let work: string;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-docs-'));
  const home = join(folder, 'home');
  const { venv, tools } = await ownGpu(home);
  const { binFolder } = await DockerStandIn.create(join(folder, 'docker'));
  work = join(folder, 'work');
  await mkdir(work);
  const program = join(tools, 'inferencemax');
  const bin = join(packageRoot, 'bin', 'inferencemax.js');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`);
  await chmod(program, 0o755);
  env = {
    ...process.env,
    HOME: home,
    VIRTUAL_ENV: venv,
    INFERENCEMAX_LOCK_DIR: join(folder, 'locks'),
    PATH: [tools, binFolder, join(venv, 'bin'), process.env.PATH].join(':'),
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pages = (await readdir(join(packageRoot, 'docs'))).filter((name) => name.startsWith('own-'));

test.each(pages)('%s works from an empty folder on a machine with one GPU', async (name) => {
  const page = await readFile(join(packageRoot, 'docs', name), 'utf8');
  let ran = false;
  for (const { kind, text, argument } of examplesOf(page)) {
    if (kind === 'file') {
      await mkdir(dirname(join(work, argument)), { recursive: true });
      await writeFile(join(work, argument), text);
      continue;
    }
    const options = { cwd: work, env, maxBuffer: 16 * 1024 * 1024 };
    const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', text], options);
    expect(stdout + stderr).not.toContain('internal error');
    ran ||= /^inferencemax run /m.test(text);
  }
  if (!ran) return;
  const store = await openStore(join(work, '.inferencemax', 'store.sqlite'), 'read');
  try {
    const rows = (await store.latestPoints()).map(({ row }) => row);
    expect(rows.length).toBeGreaterThan(1);
    expect(new Set(rows.map((row) => row.hw)).size).toBe(1);
    expect(String(rows[0]?.hw)).toMatch(/^h100-/);
  } finally {
    await store.close();
  }
});
