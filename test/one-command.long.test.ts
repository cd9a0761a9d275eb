import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { planReportSchema } from '../src/app/plan-report.ts';
import { type EngineSite, engineFor, sessionCommand } from '../src/engines/index.ts';
import { launcherFor, poolSettingsSchema, poolVariables } from '../src/launchers/index.ts';
import type { EngineSession, WorkerSpec } from '../src/plan/index.ts';
import { configKey, onePoint, Scene } from './stand-in/scene.ts';
import { DockerStandIn } from './support/docker-stand-in.ts';
import { freePort } from './support/free-port.ts';
import { januaryMasters } from './support/january.ts';
import { runProduct, TestProduct } from './support/product.ts';
import { SlurmCluster, slurmMissing } from './support/slurm-cluster.ts';

/** The only variable that the launcher adds and plans do not show: it identifies the engine's processes. */
const tokenVariable = 'INFERENCEMAX_ENGINE_TOKEN';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'one-command-'));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

const started = z.object({ argv: z.array(z.string()), env: z.record(z.string(), z.string()) });
type Started = z.infer<typeof started>;

/** Programs that record their command line and environment, and exit. */
async function recordingPrograms(
  ...names: string[]
): Promise<{ bin: string; starts: () => Promise<Started[]> }> {
  const bin = join(folder, 'recording-bin');
  const record = join(folder, 'starts');
  await mkdir(bin);
  await mkdir(record);
  for (const name of names) {
    await writeFile(
      join(bin, name),
      `#!${process.execPath}
const { basename, join } = require('node:path');
const start = { argv: [basename(process.argv[1]), ...process.argv.slice(2)], env: process.env };
const file = join(${JSON.stringify(record)}, process.hrtime.bigint() + '-' + process.pid);
require('node:fs').writeFileSync(file + '.part', JSON.stringify(start));
require('node:fs').renameSync(file + '.part', file + '.json');
`,
    );
    await chmod(join(bin, name), 0o755);
  }
  return {
    bin,
    starts: async () => {
      const files = (await readdir(record)).filter((name) => name.endsWith('.json')).toSorted();
      return await Promise.all(
        files.map(async (name) => started.parse(JSON.parse(await readFile(join(record, name), 'utf8')))),
      );
    },
  };
}

async function planned(args: readonly string[], cwd: string) {
  const { code, stdout, stderr } = await runProduct(['plan', '--json', ...args], { cwd });
  expect(code, stderr).toBe(0);
  const [session] = planReportSchema.parse(JSON.parse(stdout)).sessions;
  if (session?.command.kind !== 'process') throw new Error('no session of one process was planned');
  return { text: stdout, command: session.command };
}

/** Variables that are not in this process's environment. */
function added(
  env: Readonly<Record<string, string>>,
  inherited: Readonly<Record<string, string | undefined>>,
) {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => inherited[name] !== value));
}

test('a local engine starts with the command and variables that `plan` prints, on the port of its pool', async () => {
  await using scene = await Scene.open({}, { changes: onePoint });
  const port = await freePort();
  await mkdir(join(scene.folder, 'runners'));
  await writeFile(
    join(scene.folder, 'runners', 'cpu.yaml'),
    `launcher: local\nport: ${port}\nhf-hub-cache: /caches/hub\nenv: { POOL_SAYS: "a b" }\n`,
  );
  const ask = [
    '--config-files',
    'master.yaml',
    '--runner-config',
    'runners.yaml',
    '--config-keys',
    configKey,
  ];
  const { command } = await planned(ask, scene.folder);
  expect(command.argv).toContain(String(port));
  expect(command.env).toMatchObject({ POOL_SAYS: 'a b', HF_HUB_CACHE: '/caches/hub' });

  const product = scene.start(['run', ...ask, '--cache-dir', 'cache']);
  await product.event(({ type }) => type === 'engine-ready');
  const pid = await scene.enginePid();
  const parts = async (file: string) =>
    (await readFile(`/proc/${pid}/${file}`, 'utf8')).split('\0').slice(0, -1);
  const argv = await parts('cmdline');
  const env = Object.fromEntries(
    (await parts('environ')).map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
  expect(await product.exited).toBe(0);

  const [engineDir = '', modelPath = ''] = ['--engine-dir', '--model'].map(
    (flag) => argv[argv.indexOf(flag) + 1] ?? '',
  );
  expect(engineDir).toContain(join(scene.folder, 'cache'));
  const found = (word: string) =>
    word === '$ENGINE_DIR' ? engineDir : word === '$MODEL_PATH' ? modelPath : word;
  expect(argv).toEqual(command.argv.map(found));
  const { INFERENCEMAX_LOCK_DIR, NODE_OPTIONS } = env;
  const inherited = { ...process.env, INFERENCEMAX_LOCK_DIR, NODE_OPTIONS };
  const { [tokenVariable]: token, ...own } = added(env, inherited);
  expect(token).toBeDefined();
  expect(own).toEqual(command.env);
});

test('a container starts with the command and variables that `plan` prints, plus the secrets that it must not print', async () => {
  const docker = await DockerStandIn.create(join(folder, 'docker'));
  const { bin, starts } = await recordingPrograms('vllm');
  await mkdir(join(folder, 'runners'));
  const port = await freePort();
  await writeFile(
    join(folder, 'runners', 'h100.yaml'),
    `launcher: docker\nport: ${port}\nenv: { VLLM_MXFP4_USE_MARLIN: "0", POOL_SAYS: "a b" }\n`,
  );
  await writeFile(join(folder, 'runners.yaml'), 'h100: [h100-cr_0]\n');
  const ask = [
    '--config-files',
    ...januaryMasters,
    '--runner-config',
    'runners.yaml',
    '--config-keys',
    'gptoss-fp4-h100-vllm',
  ];
  const { text, command } = await planned(ask, folder);
  expect(command.argv.slice(0, 5)).toEqual(['vllm', 'serve', 'openai/gpt-oss-120b', '--port', String(port)]);
  expect(command.env).toMatchObject({ VLLM_MXFP4_USE_MARLIN: '1', POOL_SAYS: 'a b' });
  expect(text).not.toContain('HF_TOKEN');

  const [session = ''] = z
    .object({ sessions: z.array(z.object({ id: z.string() })) })
    .parse(JSON.parse(text))
    .sessions.map(({ id }) => id);
  await writeFile(join(folder, 'plan.json'), text);
  const outside = {
    PATH: [docker.binFolder, bin, process.env.PATH].join(delimiter),
    HF_TOKEN: 'a-secret-of-the-product',
  };
  const product = new TestProduct(
    ['run', '--plan', 'plan.json', '--session', session, '--runner-config', 'runners.yaml', '--json'],
    { cwd: folder, env: outside },
  );
  expect(await product.exited).toBe(1);
  const [start] = await starts();
  expect(start?.argv).toEqual(command.argv);
  const [run] = (await docker.calls()).filter(({ argv }) => argv[0] === 'run');
  const passed = (run?.argv ?? []).flatMap((word, index, all) => (all[index - 1] === '--env' ? [word] : []));
  const {
    HF_TOKEN,
    [tokenVariable]: token,
    ...own
  } = Object.fromEntries(passed.map((name) => [name, start?.env[name]]));
  expect(HF_TOKEN).toBe('a-secret-of-the-product');
  expect(token).toBeDefined();
  expect(own).toEqual(command.env);
});

const worker = (role: WorkerSpec['role'], env: Record<string, string>): WorkerSpec => ({
  role,
  count: 1,
  nodesPerWorker: 1,
  acceleratorsPerWorker: 1,
  args: [`--of-${role}`],
  env,
  files: [{ path: `${role}.yaml`, content: 'a: 1\n' }],
});

/** A session like that of a disaggregated recipe, with variables on every level. */
const twoNodes: EngineSession = {
  id: 'two-nodes',
  hardware: 'mi355x',
  runner: 'mi355x',
  launcher: 'slurm',
  framework: 'sglang-disagg',
  image: 'example/engine:v1',
  model: 'org/model',
  server: {
    args: ['--of-the-router'],
    env: { EVERYWHERE: 'server', ROLE: 'server' },
    files: [],
    acceleratorCount: 2,
    disaggregated: {
      workers: [worker('prefill', { ROLE: 'prefill' }), worker('decode', { ROLE: 'decode', ONLY: 'decode' })],
      frontends: 1,
    },
  },
  points: [],
};

const missing = slurmMissing();
test.skipIf(missing !== undefined)(
  `the steps of a multi-node engine get the commands and variables of their workers${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  async () => {
    const { bin, starts } = await recordingPrograms('python3');
    const cluster = await SlurmCluster.start({ nodeCount: 2 });
    Object.assign(process.env, cluster.env);
    try {
      const settings = poolSettingsSchema.parse({
        launcher: 'slurm',
        container: 'none',
        gres: 'none',
        env: { PATH: `${bin}${delimiter}${process.env.PATH}`, POOL_SAYS: 'a b', ROLE: 'pool' },
      });
      const site: EngineSite = {
        modelPath: 'org/model',
        host: '0.0.0.0',
        port: await freePort(),
        env: poolVariables(settings),
      };
      const command = sessionCommand(engineFor('sglang-disagg'), twoNodes, site);
      if (command.kind !== 'steps') throw new Error('no steps');
      const context = { signal: new AbortController().signal, onProgress: () => {} };
      const place = await launcherFor(settings, { recordFolder: join(folder, 'engines') }).reserve(
        {
          sessionId: 'two-nodes',
          image: 'example/engine:v1',
          acceleratorCount: 1,
          nodeCount: 2,
          workDir: join(folder, 'session'),
        },
        context,
      );
      try {
        const running = await place.start(
          {
            sessionId: 'two-nodes',
            argv: [],
            env: {},
            files: command.files,
            steps: command.steps,
            host: site.host,
            port: site.port,
            logPath: join(folder, 'engine.log'),
          },
          context,
        );
        await expect.poll(async () => (await starts()).length).toBe(3);
        await running.stop();
        const hosts = (word: string) =>
          word.replaceAll(/\{host:(\d+)\}/g, (_, index) => place.nodes[Number(index)] ?? '');
        const seen = await starts();
        for (const step of command.steps) {
          const argv = step.argv.map(hosts);
          const start = seen.find((candidate) => candidate.argv.join(' ') === argv.join(' '));
          expect(start?.argv, step.name).toEqual(argv);
          expect(start?.env).toMatchObject(step.env);
          expect(start?.env.ONLY).toBe(step.env.ONLY);
        }
        expect(
          command.steps.map(({ name, env }) => [name, env.ROLE, env.ONLY, env.EVERYWHERE, env.POOL_SAYS]),
        ).toEqual([
          ['prefill-0', 'prefill', undefined, 'server', 'a b'],
          ['decode-0', 'decode', 'decode', 'server', 'a b'],
          ['router', 'server', undefined, 'server', 'a b'],
        ]);
        expect((await readdir(join(folder, 'session'))).toSorted()).toEqual(['decode.yaml', 'prefill.yaml']);
      } finally {
        await place.release();
      }
    } finally {
      await cluster.stop();
    }
  },
);
