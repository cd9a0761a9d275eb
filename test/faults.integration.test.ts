import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from './free-port.ts';
import { Product, runProduct, tinyConfig } from './product.ts';

let folder: string;
let port: number;
const started: Product[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faults-'));
  port = await freePort();
  await configure();
});
afterEach(async () => {
  for (const product of started.splice(0)) {
    product.child.kill('SIGTERM');
    await product.exited;
  }
  await rm(folder, { recursive: true, force: true });
});

async function configure(changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await writeFile(join(folder, 'master.yaml'), tinyConfig(changes));
}

const key = ['--config-files', 'master.yaml', '--config-keys', 'smollm2-q4-cpu-llamacpp'];

function start(...args: string[]): Product {
  const product = new Product([...args, '--port', String(port), '--json'], { cwd: folder });
  started.push(product);
  return product;
}

async function runDirectory(): Promise<string> {
  const runs = join(folder, '.inferencemax', 'runs');
  const [sweep, ...others] = await readdir(runs);
  expect(others).toEqual([]);
  return join(runs, sweep ?? '');
}

async function journal(): Promise<{ type: string; pointId?: string | undefined }[]> {
  const text = await readFile(join(await runDirectory(), 'journal.jsonl'), 'utf8');
  const line = z.looseObject({ type: z.string(), pointId: z.string().optional() });
  return text
    .trimEnd()
    .split('\n')
    .map((json) => line.parse(JSON.parse(json)));
}

/** Every point was finished exactly once over the whole history, and its files are there. */
async function expectNothingLostOrDoubled(): Promise<void> {
  const finished = (await journal())
    .filter(({ type }) => type === 'point-finished')
    .map(({ pointId }) => pointId);
  expect(finished).toHaveLength(3);
  expect(new Set(finished).size).toBe(3);
  for (const kind of ['raw', 'agg']) expect(await readdir(join(await runDirectory(), kind))).toHaveLength(3);
}

/** The engine's process as its own record names it. */
async function enginePid(): Promise<number> {
  const records = join(folder, '.inferencemax', 'engines');
  const [file] = await readdir(records);
  const record = z.object({ engine: z.object({ pid: z.int() }) });
  return record.parse(JSON.parse(await readFile(join(records, file ?? ''), 'utf8'))).engine.pid;
}

async function expectNoEngine(): Promise<void> {
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  expect(await readdir(join(folder, '.inferencemax', 'engines'))).toEqual([]);
}

const finishedPoint = ({ type }: { readonly type: string }) => type === 'point-finished';

describe('what dies in the middle', () => {
  test('Ctrl-C stops the engine, keeps every finished point, and --resume measures only the rest', async () => {
    const first = start('run', ...key);
    await first.event(finishedPoint);
    first.child.kill('SIGINT');
    expect(await first.exited).toBe(130);
    await expectNoEngine();
    expect(first.stderr).toMatch(/run --resume run-\d{8}-\d{6}/);

    const second = start('run', '--resume');
    expect(await second.exited, second.stderr).toBe(0);
    const [resumed] = second.events.filter(({ type }) => type === 'sweep-started');
    const before = first.events.filter(finishedPoint).length;
    expect(resumed).toMatchObject({ resumed: true, pointsLeft: 3 - before });
    await expectNothingLostOrDoubled();
    await expectNoEngine();
  });

  test('kill -9 of the product: the next start ends its engine by its record and resumes', async () => {
    const first = start('quickstart', '--config-files', 'master.yaml');
    await first.event(finishedPoint);
    const orphan = await enginePid();
    first.child.kill('SIGKILL');
    await first.exited;
    expect(() => process.kill(orphan, 0)).not.toThrow();

    const second = start('quickstart', '--config-files', 'master.yaml');
    expect(await second.exited, second.stderr).toBe(0);
    expect(second.events.filter(({ type }) => type === 'orphan-ended')).toMatchObject([{ port }]);
    expect(() => process.kill(orphan, 0)).toThrow();
    await expectNothingLostOrDoubled();
    await expectNoEngine();
  });

  test('kill -9 of the engine in the middle of a point: it is started again and the point measured anew', async () => {
    const product = start('run', ...key);
    const point = await product.event(({ type }) => type === 'point-started');
    process.kill(await enginePid(), 'SIGKILL');
    expect(await product.exited, product.stderr).toBe(0);
    const failures = product.events.filter(({ type }) => type === 'point-failed');
    expect(failures).toMatchObject([
      { pointId: point.pointId, failureClass: 'engine-died', willRetry: true },
    ]);
    expect(product.events.filter(({ type }) => type === 'engine-starting')).toHaveLength(2);
    await expectNothingLostOrDoubled();
    await expectNoEngine();
  });
});

describe('an engine that cannot be used', () => {
  test('that is not ready by its deadline is stopped, with what it said last', async () => {
    const product = start('run', ...key, '--ready-timeout', '0.001');
    expect(await product.exited).toBe(1);
    expect(product.events.filter(({ type }) => type === 'session-failed')).toMatchObject([
      { failureClass: 'never-ready' },
    ]);
    expect(product.stderr).toContain('error: no point was measured');
    await expectNoEngine();
  });

  test('that dies on start is reported with its last log lines', async () => {
    await writeFile(join(folder, 'broken.gguf'), 'these are no weights');
    await configure({ model: './broken.gguf' });
    const { code, stderr } = await runProduct(['run', ...key, '--port', String(port)], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/failed \(died-on-start\): the engine ended with exit code 1: .+/);
    expect(stderr).toMatch(/the engine's last lines:\n {4}\| .+/);
    await expectNoEngine();
  });
});

describe('bad input is met with one clear error', () => {
  async function fails(args: readonly string[], env: Record<string, string> = {}) {
    const { code, stdout, stderr } = await runProduct(args, { cwd: folder, env });
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/^\s+at /m);
    return { code, errors: stderr.split('\n').filter((line) => line.startsWith('error: ')) };
  }

  test('an unknown field in YAML, with its place and the field that was meant', async () => {
    await writeFile(join(folder, 'master.yaml'), 'a-key:\n  image: npm:x@1\n  modle: org/name\n');
    const { code, errors } = await fails(['plan', '--config-files', 'master.yaml', '--config-keys', 'a-key']);
    expect(code).toBe(2);
    expect(errors).toContain("error: master.yaml:3:3: unknown field 'modle' (did you mean 'model'?)");
  });

  test('a port that somebody else holds', async () => {
    const holder = createServer().listen(port, '127.0.0.1');
    try {
      const { code, errors } = await fails(['run', ...key, '--port', String(port)]);
      expect(code).toBe(2);
      expect(errors).toEqual([
        `error: port ${port} on 127.0.0.1 is in use by a process that this product did not start (stop it, or choose another port with --port)`,
      ]);
    } finally {
      holder.close();
    }
  });

  test('a Node that is too old, with the one that is needed', async () => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.0' } })`;
    await writeFile(join(folder, 'old-node.cjs'), pretend);
    const { code, stderr } = await runProduct(['--help'], {
      cwd: folder,
      env: { NODE_OPTIONS: '--require ./old-node.cjs' },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^inferencemax needs Node 22\.18 or later; this is Node 20\.11\.0/);
  });

  test('a container image, which the local launcher does not run', async () => {
    await configure({ image: 'vllm/vllm-openai:v0.13.0' });
    const { code, stderr } = await runProduct(['run', ...key, '--port', String(port)], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain(
      "image 'vllm/vllm-openai:v0.13.0' is a container image, which the local launcher does not run",
    );
  });
});
