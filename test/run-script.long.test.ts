import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../src/package-root.ts';
import { openStore } from '../src/store/index.ts';
import { freePort } from './support/free-port.ts';
import { runProduct, TestProduct } from './support/product.ts';

let folder: string;
let port: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-script-'));
  port = await freePort();
  await writeFile(join(folder, 'master.yaml'), JSON.stringify({ 'mock-fp8-cpu-vllm': config }));
  await writeFile(join(folder, 'server.ts'), server);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const config = {
  image: 'example/engine:v1',
  model: 'org/model',
  'model-prefix': 'mock',
  precision: 'fp8',
  framework: 'vllm',
  runner: 'cpu',
  multinode: false,
  'seq-len-configs': [{ isl: 32, osl: 8, 'search-space': [{ tp: 1, 'conc-list': [1, 2] }] }],
};

/** A server, as a script's author would start it. */
const server = `
  import { MockEngine } from ${JSON.stringify(join(packageRoot, 'src/load/mock/engine.ts'))};
  const engine = new MockEngine({ ttftMs: 5, itlMs: 2, tokensPerEvent: 1, eventsPerWrite: 1 });
  await engine.listen(Number(process.argv[2]));
  console.log('model', process.argv[3], 'is served');
`;

/** Written like public scripts; it leaves its server running, as they do. */
const script = `#!/usr/bin/env bash
source "$(dirname "$0")/benchmark_lib.sh"

check_env_vars MODEL TP CONC ISL OSL MAX_MODEL_LEN RANDOM_RANGE_RATIO RESULT_FILENAME EP_SIZE DP_ATTENTION

SERVER_LOG=$(mktemp "$PWD/server-XXXXXX.log")
PORT=$((8888 + PORT_OFFSET))
node "${'$'}SERVER" $PORT "$MODEL" > "$SERVER_LOG" 2>&1 &
SERVER_PID=$!

wait_for_server_ready --port "$PORT" --server-log "$SERVER_LOG" --server-pid "$SERVER_PID" --sleep-interval 0.2

run_benchmark_serving \\
  --model "$MODEL" \\
  --port "$PORT" \\
  --backend vllm \\
  --input-len "$ISL" \\
  --output-len "$OSL" \\
  --random-range-ratio "$RANDOM_RANGE_RATIO" \\
  --num-prompts "$((CONC * 10))" \\
  --max-concurrency "$CONC" \\
  --result-filename "$RESULT_FILENAME" \\
  --result-dir /workspace/
`;

const env = () => ({
  SERVER: join(folder, 'server.ts'),
  PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
});

async function arguments_(text: string, ...more: string[]): Promise<string[]> {
  // The script is next to someone else's library, which must not be used.
  await mkdir(join(folder, 'scripts'), { recursive: true });
  await writeFile(join(folder, 'scripts', 'benchmark_lib.sh'), 'echo "the wrong library"; exit 9\n');
  await writeFile(join(folder, 'scripts', 'mock_fp8_cpu.sh'), text);
  return [
    'run',
    '--script',
    'scripts/mock_fp8_cpu.sh',
    '--config-files',
    'master.yaml',
    '--config-keys',
    'mock-fp8-cpu-vllm',
    '--port',
    String(port),
    ...more,
  ];
}

async function expectNothingLeft(): Promise<void> {
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  expect(await readdir(join(folder, '.inferencemax', 'engines'))).toEqual([]);
}

test('a public-style script runs unmodified for every point, and its results become rows of the store', async () => {
  const { code, stdout, stderr } = await runProduct(await arguments_(script, '--json'), {
    cwd: folder,
    env: env(),
  });
  expect(code, stderr).toBe(0);
  const { directory, outcomes } = JSON.parse(stdout);
  const names = [1, 2].map((conc) => `mock_32_8_fp8_vllm_tp1_ep1_dpa_false_conc${conc}_cpu-local_0`);
  expect(outcomes.map(({ resultFilename }: { resultFilename: string }) => resultFilename)).toEqual(names);
  expect(await readdir(join(directory, 'raw'))).toEqual(names.map((name) => `${name}.json`));
  const row = JSON.parse(await readFile(join(directory, 'agg', `agg_${names[1]}.json`), 'utf8'));
  expect(row).toMatchObject({
    hw: 'cpu',
    conc: 2,
    tp: 1,
    model: 'org/model',
    isl: 32,
    osl: 8,
    framework: 'vllm',
  });
  expect(row.median_ttft).toBeGreaterThan(0.004);
  const raw = JSON.parse(await readFile(join(directory, 'raw', `${names[1]}.json`), 'utf8'));
  expect(raw).toMatchObject({ completed: 20, max_concurrency: 2 });
  expect(stderr).toMatch(/^2 new points in .*store\.sqlite$/m);
  expect(stderr).not.toContain('left out of the store');
  const store = await openStore(join(folder, '.inferencemax', 'store.sqlite'), 'read');
  const points = await store.latestPoints().finally(() => store.close());
  expect(points.find(({ row: { conc } }) => conc === 2)?.verdict).toBe(raw.fidelity.verdict);
  for (const { reasons } of points) expect(reasons.join()).not.toContain('only the aggregate row is known');
  expect(existsSync('/workspace')).toBe(false);
  await expectNothingLeft();
});

test('a server that dies, one that is never ready, and a script that writes nothing are reported with their last lines', async () => {
  const dying = script.replace(
    'node "$SERVER"',
    'node -e "console.error(\'no such weights\'); process.exit(3)"',
  );
  const died = await runProduct(await arguments_(dying), { cwd: folder, env: env() });
  expect(died.code).toBe(1);
  expect(died.stderr).toMatch(/failed \(load-test\): the script exited with exit code 1\n/);
  expect(died.stderr).toMatch(
    /\| no such weights\n {4}\| error: the server \(process \d+\) ended before it was ready/,
  );

  const deaf = script.replace('node "$SERVER"', 'node -e "setInterval(() => {}, 1000)"');
  const late = await runProduct(await arguments_(deaf), {
    cwd: folder,
    env: { ...env(), SERVER_READY_TIMEOUT: '1' },
  });
  expect(late.code).toBe(1);
  expect(late.stderr).toContain('| error: the server was not ready after 1 s');

  const silent = await runProduct(await arguments_('exit 0\n'), { cwd: folder, env: env() });
  expect(silent.code).toBe(1);
  expect(silent.stderr).toContain('the script succeeded but did not write mock_32_8_fp8_vllm_tp1');
  await expectNothingLeft();
});

test('an interrupt ends the script and its server', async () => {
  const product = new TestProduct(await arguments_(`${script}\nsleep 600\n`), { cwd: folder, env: env() });
  await untilAnswered(`http://127.0.0.1:${port}/health`);
  product.child.kill('SIGINT');
  expect(await product.exited).toBe(130);
  await expectNothingLeft();
});

describe('the library alone', () => {
  function bash(text: string, more: Record<string, string> = {}) {
    const lib = join(packageRoot, 'benchmarks', 'benchmark_lib.sh');
    return spawnSync('bash', ['--norc', '-c', `source ${lib}\n${text}`], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...more },
    });
  }

  test('names every missing variable', () => {
    const { status, stderr, stdout } = bash('check_env_vars A B C; echo on', { B: 'set', C: '' });
    expect({ status, stderr, stdout }).toEqual({ status: 1, stderr: 'error: not set: A C\n', stdout: '' });
    expect(bash('check_env_vars B; echo on', { B: 'set' }).stdout).toBe('on\n');
  });

  test('rejects unknown options and missing values', () => {
    expect(bash('run_benchmark_serving --modle x').stderr).toBe(
      'error: run_benchmark_serving: unknown option --modle\n',
    );
    expect(bash('wait_for_server_ready --port 1 --server-log x').stderr).toBe(
      'error: wait_for_server_ready: --server-pid is missing\n',
    );
  });

  test.skipIf(spawnSync('shellcheck', ['--version']).error !== undefined)('passes shellcheck', () => {
    const files = ['benchmark_lib.sh', 'with_benchmark_lib.sh'].map((name) =>
      join(packageRoot, 'benchmarks', name),
    );
    expect(spawnSync('shellcheck', files, { encoding: 'utf8' }).stdout).toBe('');
  });
});

async function untilAnswered(url: string): Promise<void> {
  for (;;) {
    const answered = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
