import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type OwnGpu, ownGpu } from './stand-in/own-gpu.ts';
import { freePort } from './support/free-port.ts';
import { runProduct } from './support/product.ts';
import { rawResults, sweepOutcome } from './support/raw-results.ts';

let folder: string;
let cwd: string;
let own: OwnGpu;
let env: Record<string, string>;
let server: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-gpu-'));
  own = await ownGpu(join(folder, 'machine'));
  cwd = join(folder, 'work');
  await mkdir(cwd);
  env = { PATH: `${own.tools}:${process.env.PATH}`, VIRTUAL_ENV: own.venv, HOME: folder };
});
afterEach(async () => {
  server?.kill('SIGKILL');
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

const product = async (...args: string[]) => await runProduct(args, { cwd, env });

test('init finds the GPU, the engine and the weights, and its files can be planned unchanged', async () => {
  const { code, stdout, stderr } = await product(
    'init',
    '--model',
    join(folder, 'machine', 'models'),
    '--name',
    'lab',
  );
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('hardware: 1 × NVIDIA H100 80GB HBM3, called h100');
  expect(stdout).toContain(`engine: vllm 0.24.0 (path:${own.venv})`);
  expect(stdout).toContain('run --config-keys llama-8b-bf16-h100-vllm');

  const planned = await product('plan', '--config-keys', 'llama-8b-bf16-h100-vllm');
  expect(planned.code, planned.stderr).toBe(0);
  expect(planned.stdout).toContain(`${join(own.venv, 'bin', 'vllm')} serve ${own.model}`);
  expect(planned.stdout).toContain('recipe  generic, of vllm for any model');

  const validated = await product('validate');
  expect(validated.stdout).toContain(
    'recipe: llama-8b on h100-lab: generic/vllm (generic), because there is no',
  );
  expect(validated.stdout).toContain('no errors, 0 warnings');

  const again = await product('init', '--model', own.model);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('.github/configs/runners.yaml');
});

test('init reports what is missing, with a fix', async () => {
  const noWeights = await product('init', '--model', folder);
  expect(noWeights.code).toBe(2);
  expect(noWeights.stderr).toContain('no weights were found on this machine that this engine can read');
  await rm(join(own.model, 'model-00002-of-00002.safetensors'));
  const half = await product('init', '--model', own.model);
  expect(half.code).toBe(2);
  expect(half.stderr).toContain('1 of the 2 files of weights in model.safetensors.index.json are missing');
  const noEngine = await product('init', '--engine', folder, '--model', own.model);
  expect(noEngine.code).toBe(2);
  expect(noEngine.stderr).toContain('no engine was found on this machine');
  const onCpu = await product('quickstart', '--model', own.model);
  expect(onCpu.code).toBe(2);
  expect(onCpu.stderr).toContain('add --gpu');
  expect(await readdir(cwd)).toEqual([]);
});

const shape = { 'seq-len-configs': [{ isl: 16, osl: 4, 'search-space': [{ tp: 1, 'conc-list': [2] }] }] };

test('preinstalled engines, dummy weights and an external server are measured, and rows distinguish them', async () => {
  const running = await freePort();
  server = spawn(join(own.venv, 'bin', 'vllm'), ['serve', 'org/served', '--port', String(running)], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${join(own.venv, 'bin')}:${process.env.PATH}` },
  });
  const common = { precision: 'bf16', framework: 'vllm', runner: 'lab', multinode: false, ...shape };
  const configs = {
    here: { ...common, image: `path:${own.venv}`, model: own.model, 'model-prefix': 'here' },
    'made-up': {
      ...common,
      image: 'command:vllm',
      model: own.model,
      'model-prefix': 'made-up',
      'load-format': 'dummy',
    },
    theirs: {
      ...common,
      image: `url:http://127.0.0.1:${running}`,
      model: 'org/served',
      'model-prefix': 'theirs',
    },
  };
  await writeFile(join(cwd, 'configs.yaml'), stringify(configs));
  await writeFile(join(cwd, 'runners.yaml'), 'lab: [lab_0]\n');
  await mkdir(join(cwd, 'runners'));
  await writeFile(join(cwd, 'runners', 'lab.yaml'), 'launcher: local\nhardware: h100\naccelerator: nvidia\n');
  await rm(join(own.model, 'model-00001-of-00002.safetensors'));
  const files = ['--config-files', 'configs.yaml', '--runner-config', 'runners.yaml'];
  const refused = await product('run', ...files, '--config-keys', 'here');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('is not a complete model in Hugging Face layout');

  await writeFile(join(own.model, 'model-00001-of-00002.safetensors'), 'x'.repeat(2000));
  env.PATH = `${join(own.venv, 'bin')}:${env.PATH}`;
  const named = await product('init', '--engine', 'command:vllm', '--model', own.model, '--dry-run');
  expect(named.stdout, named.stderr).toMatch(/image: command:vllm\n(.*\n)+ {2}framework: vllm\n/);
  const unnamed = await product('init', '--engine', 'command:node', '--model', own.model, '--dry-run');
  expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining('under its usual name')]);
  const port = String(await freePort());
  const { code, stdout, stderr } = await product(
    'run',
    ...files,
    '--config-keys',
    'here',
    'made-up',
    'theirs',
    '--port',
    port,
    '--eval-limit',
    '1',
    '--json',
  );
  const theirs = await product('init', '--engine', `url:http://127.0.0.1:${running}`, '--dry-run');
  expect(theirs.stdout, theirs.stderr).toMatch(/model: org\/served\n.*\n.*\n {2}framework: vllm\n/);
  const { rows, directory } = sweepOutcome.parse(JSON.parse(stdout));
  const row = (prefix: string) => rows.find((one) => one.infmax_model_prefix === prefix);
  expect([code, rows.length], stderr).toEqual([0, 3]);
  expect(row('here')).toMatchObject({ hw: 'h100-lab', recipe_kind: 'generic' });
  expect(row('here')).not.toHaveProperty('load_format');
  expect(row('made-up')).toMatchObject({ hw: 'h100-lab', load_format: 'dummy' });
  expect(row('theirs')).toMatchObject({ recipe_kind: 'unknown' });

  const raws = await rawResults(directory);
  const provenance = (prefix: string) => raws.find(({ name }) => name.startsWith(`${prefix}_`))?.provenance;
  expect(provenance('here')).toMatchObject({
    image: { version: '0.24.0', digest: expect.stringMatching(/^sha256-/) },
    engine_version: '0.24.0',
    listener: 'proven',
    model: { reference: own.model, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(provenance('made-up')).toMatchObject({ model: { made_up: true } });
  expect(provenance('theirs')).toMatchObject({
    image: { started_by_others: true },
    engine_version: '0.24.0',
    listener: 'unknown',
  });

  // Answers of dummy weights are not checked, and the external server still runs.
  const checked = (await readdir(join(directory, 'evals'))).map((name) => name.split('-bf16')[0]);
  expect(new Set(checked)).toEqual(new Set(['here', 'theirs']));
  expect((await fetch(`http://127.0.0.1:${running}/health`)).status).toBe(200);
});
