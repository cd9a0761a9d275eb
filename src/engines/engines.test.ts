import { describe, expect, test } from 'vitest';
import type { ServerSpec, WorkerSpec } from '../plan/index.ts';
import { engineFor } from './index.ts';

const request = { modelPath: 'org/model', servedModelName: 'org/model', host: '0.0.0.0', port: 8888 };
const argvOf = (framework: string, changes: Partial<typeof request> = {}, args: readonly string[] = []) =>
  engineFor(framework)
    .command({ ...request, ...changes, args })
    .argv.join(' ');

describe('a command line', () => {
  test.each([
    ['vllm', 'vllm serve org/model --port 8888'],
    ['sglang', 'python3 -m sglang.launch_server --model-path org/model --host 0.0.0.0 --port 8888'],
    [
      'trt',
      'mpirun -n 1 --oversubscribe --allow-run-as-root trtllm-serve org/model --host 0.0.0.0 --port 8888',
    ],
    [
      'llama.cpp',
      '/app/llama-server --model org/model --alias org/model --host 0.0.0.0 --port 8888 --metrics',
    ],
    ['atom', 'python3 -m atom.entrypoints.openai_server --model org/model --server-port 8888'],
  ])('of %s names the model and where to listen', (framework, argv) => {
    expect(argvOf(framework)).toBe(argv);
  });

  test('omits the listen address if the engine’s default covers it', () => {
    expect(argvOf('trt', { host: '127.0.0.1' })).not.toContain('--host');
  });

  test('keeps the address of a recipe that names one', () => {
    const argv = argvOf('sglang', { host: '127.0.0.1' }, ['--host', '0.0.0.0']);
    expect(argv.match(/--host/g)).toHaveLength(1);
  });

  test('passes the served model name if the path differs from it', () => {
    expect(argvOf('vllm', { modelPath: '/models/m' })).toBe(
      'vllm serve /models/m --port 8888 --served-model-name org/model',
    );
  });

  test('of a provisioned engine starts its program', () => {
    const { argv } = engineFor('vllm').command({ ...request, engineDir: '/cache/vllm', args: [] });
    expect(argv[0]).toBe('/cache/vllm/bin/vllm');
  });
});

const worker = (changes: Partial<WorkerSpec>): WorkerSpec => ({
  role: 'prefill',
  count: 1,
  nodesPerWorker: 1,
  acceleratorsPerWorker: 4,
  args: ['--flag', 'value'],
  env: {},
  files: [],
  ...changes,
});
const server = (workers: readonly WorkerSpec[], frontends = 1): ServerSpec => ({
  args: [],
  env: {},
  files: [],
  acceleratorCount: 8,
  disaggregated: { workers, frontends },
});
const stepsOf = (framework: string, spec: ServerSpec) =>
  engineFor(framework).steps?.({ ...request, server: spec }) ?? [];

describe('a disaggregated engine', () => {
  test('gives every worker its own nodes, and answers on node 0', () => {
    const steps = stepsOf(
      'dynamo-trt',
      server([
        worker({ count: 2 }),
        worker({ role: 'decode', count: 1, nodesPerWorker: 2, acceleratorsPerWorker: 8 }),
      ]),
    );
    expect(steps.map(({ name, nodes, tasksPerNode, mpi }) => [name, nodes, tasksPerNode, mpi])).toEqual([
      ['etcd', [0], 1, false],
      ['nats', [0], 1, false],
      ['frontend-0', [0], 1, false],
      ['prefill-0', [0], 4, true],
      ['prefill-1', [1], 4, true],
      ['decode-0', [2, 3], 4, true],
    ]);
    expect(steps.at(-1)?.env).toMatchObject({ NATS_SERVER: 'nats://{host:0}:4222' });
  });

  test('balances several frontends behind one port', () => {
    const steps = stepsOf('dynamo-sglang', server([worker({ count: 2 }), worker({ role: 'decode' })], 3));
    const [balancer] = steps.filter(({ name }) => name === 'nginx');
    expect(steps.filter(({ name }) => name.startsWith('frontend-')).map(({ nodes }) => nodes)).toEqual([
      [0],
      [1],
      [2],
    ]);
    expect(balancer?.files?.[0]?.content).toMatch(/server \{host:2\}:8889;[\s\S]*listen 8888;/);
  });

  test('of SGLang starts a process on each node of a worker; they connect to the first', () => {
    const steps = stepsOf(
      'sglang-disagg',
      server([worker({}), worker({ role: 'decode', nodesPerWorker: 2 })]),
    );
    expect(steps.map(({ name, nodes }) => [name, nodes])).toEqual([
      ['prefill-0', [0]],
      ['decode-0-node-0', [1]],
      ['decode-0-node-1', [2]],
      ['router', [0]],
    ]);
    expect(steps[2]?.argv.join(' ')).toContain('--dist-init-addr {host:1}:20000 --nnodes 2 --node-rank 1');
    expect(steps[3]?.argv.join(' ')).toContain(
      '--prefill http://{host:0}:30000 --decode http://{host:1}:30000',
    );
  });
});

describe('the end of a log is explained', () => {
  test.each([
    ['vllm', 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB', 'out of GPU memory'],
    ['sglang', 'OSError: [Errno 98] Address already in use', 'port is in use'],
    ['atom', 'RuntimeError: HIP out of memory.', 'out of GPU memory'],
    [
      'trt',
      'huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error',
      'files of the model are missing',
    ],
    ['vllm', 'ValueError: No available memory for the cache blocks.', 'no memory for the KV cache'],
    ['vllm', 'vllm: error: unrecognized arguments: --max-seq-len-to-capture 9416', 'does not know a flag'],
    ['sglang', 'RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.', 'KV cache'],
    [
      'vllm',
      'ValueError: Free memory on device (10.1/79.1 GiB) on startup is less than desired GPU memory utilization (0.9, 71.2 GiB).',
      'another process on this node',
    ],
    [
      'trt',
      '[TensorRT-LLM][ERROR] CUDA runtime error in cudaMallocAsync: out of memory',
      'out of GPU memory',
    ],
    ['dynamo-trt', 'OSError: [Errno 28] No space left on device', 'is full'],
    ['trt', 'RuntimeError: Executor worker returned error', 'lines before'],
  ])('%s: %s', (framework, line, meaning) => {
    const tail = `INFO starting\n${line}\nProcess exited\n`;
    expect(engineFor(framework).explainExit(tail)?.meaning).toContain(meaning);
  });

  test('a cause takes precedence over its consequence', () => {
    const tail = 'torch.OutOfMemoryError: CUDA out of memory\nRuntimeError: Executor worker returned error';
    expect(engineFor('trt').explainExit(tail)?.meaning).toContain('out of GPU memory');
  });

  test('an unknown end is not explained', () => {
    expect(engineFor('vllm').explainExit('INFO: Shutting down')).toBeUndefined();
  });
});
