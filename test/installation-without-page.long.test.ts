import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../src/package-root.ts';
import { freePort } from './support/free-port.ts';
import { runProduct } from './support/product.ts';
import { copyOfTheProject } from './support/project-copy.ts';
import { sweepOutcome } from './support/raw-results.ts';

let folder: string;
let work: string;
let bin: string;
let server: ChildProcess;
let url: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'no-page-'));
  work = join(folder, 'work');
  await mkdir(work);
  const clone = await copyOfTheProject(join(folder, 'clone'));
  bin = join(clone, 'bin', 'inferencemax.js');
  await withoutVite(join(clone, 'node_modules'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const program = join(import.meta.dirname, 'stand-in', 'vllm-server.js');
  server = spawn(process.execPath, [program, 'serve', 'org/served', '--port', String(port)]);
  await expect.poll(async () => (await fetch(`${url}/health`).catch(() => undefined))?.status).toBe(200);
});
afterEach(async () => {
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
  await rm(folder, { recursive: true, force: true });
});

/** Replaces node_modules by one without vite, as after `npm ci --omit=dev`. */
async function withoutVite(modules: string): Promise<void> {
  await rm(modules);
  await mkdir(modules);
  const installed = join(packageRoot, 'node_modules');
  for (const name of await readdir(installed))
    if (name !== 'vite') await symlink(join(installed, name), join(modules, name));
}

const product = async (...args: readonly string[]) => await runProduct(args, { cwd: work, bin });

test('without vite, a run keeps its points and warns once, and serve and publish say what to do', async () => {
  const first = await product('init', '--engine', `url:${url}`, '--json');
  expect(first.code, first.stderr).toBe(0);
  const { configKey } = JSON.parse(first.stdout).proposal;
  const { code, stdout, stderr } = await product('run', '--config-keys', configKey, '--no-evals', '--json');
  expect(code, stderr).toBe(0);
  expect(sweepOutcome.parse(JSON.parse(stdout)).rows).toHaveLength(4);
  expect(stderr.match(/could not write the report: [^(]*/g)).toEqual([
    'could not write the report: this installation cannot build the dashboard, because vite is not installed ',
  ]);
  for (const command of [
    ['serve', '--port', '0'],
    ['publish', 'site'],
  ])
    expect(await product(...command)).toMatchObject({
      code: 1,
      stderr:
        'error: this installation cannot build the dashboard, because vite is not installed\nrun npm ci --include=dev in the clone\n',
    });
});
