import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { planReportSchema } from '../src/app/plan-report.ts';
import { startMockProcess } from '../src/load/mock/process.ts';
import { packageRoot } from '../src/package-root.ts';
import { copyOfTheProject, git } from './support/project-copy.ts';
import { isThorough } from './support/runs.ts';

/**
 * A copy of the project to which someone who has read only the READMEs has added one of each kind: only a new file and
 * the line in a list that names it. If anything else had to know about it, one of these tests would fail.
 */
let project: string;
beforeAll(async () => {
  project = await copyOfTheProject(await mkdtemp(join(tmpdir(), 'strangers-')));
  await addEngine();
  await addFailureClass();
  await addCommand();
  await addImporter();
  await addArrivalPattern();
  await addTransport();
  await addMeasure();
  await addColumn();
  await addIdentityField();
});
afterAll(async () => await rm(project, { recursive: true, force: true }));

async function edit(path: string, ...changes: (readonly [before: string | RegExp, after: string])[]) {
  const file = join(project, path);
  let text = await readFile(file, 'utf8');
  for (const [before, after] of changes) {
    const changed = text.replace(before, after);
    expect(changed, `${before} in ${path}`).not.toBe(text);
    text = changed;
  }
  await writeFile(file, text);
}

async function addEngine(): Promise<void> {
  await writeFile(
    join(project, 'src/engines/stranger.ts'),
    `import type { Engine } from './engine.ts';
import { explainLog } from '../failures/index.ts';

export const stranger: Engine = {
  framework: 'stranger',
  title: 'Stranger',
  marker: 'triangle-down',
  protocol: 'openai',
  readiness: { path: '/ready', timeoutS: 77 },
  assumedInitS: 4321,
  command: ({ modelPath, port, args }) => ({
    argv: ['stranger-serve', modelPath, \`--listen=\${port}\`, ...args],
    env: { STRANGER: '1' },
  }),
  explainExit: explainLog,
};
`,
  );
  await edit(
    'src/engines/list.ts',
    ['import { trt }', "import { stranger } from './stranger.ts';\nimport { trt }"],
    [/(const engines: readonly Engine\[\] = \[[^\]]*?),?\s*\]/, '$1, stranger]'],
  );
  // What a user brings to measure an engine: a config, and a recipe for its flags.
  await writeFile(
    join(project, '.github/configs/stranger-master.yaml'),
    JSON.stringify({
      'model-fp8-h100-stranger': {
        image: 'example/stranger:v1',
        model: 'org/model-7B',
        'model-prefix': 'model',
        precision: 'fp8',
        framework: 'stranger',
        runner: 'h100',
        multinode: false,
        scenarios: {
          'fixed-seq-len': [
            { isl: 1024, osl: 1024, 'search-space': [{ tp: 1, 'conc-start': 4, 'conc-end': 8 }] },
          ],
        },
      },
    }),
  );
  await writeFile(
    join(project, 'benchmarks/model_fp8_h100_stranger.ts'),
    `import { singleNode } from './builders/single-node.ts';

export const recipe = singleNode(({ tp }) => ({ flags: { '--gpus': tp } }));
`,
  );
}

async function addFailureClass(): Promise<void> {
  await edit('src/failures/table.ts', [
    "  'bad-input': {",
    "  'lights-out': { ...never, means: 'the power failed', restarts: 1, backoffS: 7, node: 'guilty', ends: 'reservation' },\n  'bad-input': {",
  ]);
}

async function addCommand(): Promise<void> {
  await writeFile(
    join(project, 'src/cli/commands/greet.ts'),
    `import { Command } from 'commander';

export function command(): Command {
  return new Command('greet')
    .description('Greets.')
    .action(() => {
      process.stdout.write('hello\\n');
    });
}
`,
  );
  await edit('src/cli/registry.ts', ["  quickstart: '", "  greet: 'say hello',\n  quickstart: '"]);
}

async function addImporter(): Promise<void> {
  await writeFile(
    join(project, 'src/results/import/stranger.ts'),
    `import { z } from 'zod';
import { numeric, type ResultFormat } from './format.ts';

const resultSchema = z.looseObject({ stranger_model: z.string(), replies: numeric, tokens: numeric, took_s: numeric });

export const stranger: ResultFormat = {
  tool: 'stranger-bench',
  title: "stranger-bench's report",
  marks: ['stranger_model', 'replies'],
  read: (document, { writtenAt }) => {
    const { stranger_model: model, replies, tokens, took_s } = resultSchema.parse(document);
    return [
      {
        tool: 'stranger-bench',
        startedAt: writtenAt,
        backend: 'stranger-bench',
        model,
        tokenizer: model,
        requestRate: 'inf',
        burstiness: 1,
        maxConcurrency: 4,
        durationS: took_s,
        asked: replies,
        completed: replies,
        failed: 0,
        inputTokens: null,
        outputTokens: tokens,
        rates: {},
        latencies: {},
      },
    ];
  },
};
`,
  );
  await edit(
    'src/results/import/index.ts',
    ['import { sglang }', "import { stranger } from './stranger.ts';\nimport { sglang }"],
    [/(const formats: readonly ResultFormat\[\] = \[[^\]]*?),?\s*\]/, '$1, stranger]'],
  );
}

async function addArrivalPattern(): Promise<void> {
  await writeFile(
    join(project, 'src/load/arrivals/pulses.ts'),
    `import type { ArrivalOption, ArrivalPattern } from './pattern.ts';

interface PulseSpec {
  readonly kind: 'pulses';
  readonly everyMs: number;
  readonly size: number;
}

const pulseSize: ArrivalOption<number | undefined> = {
  flags: '--pulse-size <n>',
  help: 'requests that come at once, every 200 ms',
  expected: 'a number of requests',
  initial: undefined,
  excludes: ['requestRate'],
  read: (text, decimal) => decimal(text),
};
const options = { pulseSize };

export const pulses: ArrivalPattern<PulseSpec, typeof options> = {
  kind: 'pulses',
  options,
  asked: ({ pulseSize: size }, { shards }) =>
    size === undefined ? undefined : { kind: 'pulses', everyMs: 200, size: size / shards },
  problems: ({ size }) => (size >= 1 ? [] : ['a pulse has a request at least']),
  timesMs: ({ everyMs, size }, count) =>
    Float64Array.from({ length: count }, (_, index) => everyMs * Math.floor(index / size)),
};
`,
  );
  await edit(
    'src/load/arrivals/list.ts',
    ['import { rate }', "import { pulses } from './pulses.ts';\nimport { rate }"],
    [/(arrivalPatterns = \[[^\]]*)\]/, '$1, pulses]'],
  );
}

async function addTransport(): Promise<void> {
  await writeFile(
    join(project, 'src/load/transports/loopback.ts'),
    `import type { ConnectionHandler, Transport } from './transport.ts';


/** Answers itself, each reply in one read: what a request asked is in its text. */
const connect = (handler: ConnectionHandler) => {
  let isOpen = false;
  return {
    get isOpen() {
      return isOpen;
    },
    inResponse: false,
    hasWaiting: false,
    open: () =>
      setImmediate(() => {
        isOpen = true;
        handler.onOpen();
      }),
    write: (request: Uint8Array) => {
      const atMs = performance.now();
      const [head = '', body = '{}'] = Buffer.from(request).toString().split('\\n\\n');
      const { prompt, max_tokens: tokens } = JSON.parse(body);
      const events = Array.from({ length: tokens }, (_, index) => ({
        choices: [{ index: 0, text: ' word', finish_reason: index + 1 === tokens ? 'length' : null }],
      }));
      const usage = { prompt_tokens: prompt.length, completion_tokens: tokens, total_tokens: prompt.length + tokens };
      const texts = [...events, { choices: [], usage }].map((event) => JSON.stringify(event));
      setImmediate(() => {
        handler.onHead({ status: head.startsWith('ASK /v1/completions?k=v ') ? 200 : 400, headers: new Map() });
        for (const [index, text] of [...texts, '[DONE]'].entries()) {
          const bytes = Buffer.from(\`data: \${text}\\n\\n\`);
          handler.onBody(bytes, 0, bytes.length, atMs + 10 * (index + 1));
        }
        handler.onRead();
        handler.onEnd(true, atMs + 10 * (texts.length + 1), 0);
      });
    },
    abort: (end: Parameters<ConnectionHandler['onClose']>[0]) => {
      isOpen = false;
      setImmediate(() => handler.onClose(end));
    },
    parseWaiting: () => {},
  };
};

export const loopback: Transport = {
  schemes: ['loopback'],
  forms: 'loopback://NAME',
  targets: async () => [{ name: 'loopback', place: { path: '/' }, tlsName: undefined, insecure: false }],
  framer: ({ target, headers }) => (length) =>
    Buffer.from(\`ASK \${target} with \${headers.length} headers and \${length} bytes\\n\\n\`),
  connect,
};
`,
  );
  await edit(
    'src/load/transports/list.ts',
    ['import type { Transport }', "import { loopback } from './loopback.ts';\nimport type { Transport }"],
    ['[http]', '[http, loopback]'],
  );
}

async function addMeasure(): Promise<void> {
  await edit('src/derived/measures.ts', [
    'export const yMeasures: readonly Measure[] = [',
    `export const yMeasures: readonly Measure[] = [
  {
    key: 'gpus-by-a-stranger',
    label: 'GPUs',
    unit: 'GPUs',
    better: 'lower',
    of: ({ gpus }) => gpus.total,
  },`,
  ]);
}

async function addColumn(): Promise<void> {
  await edit('src/store/fact-columns.ts', [
    "  { column: 'power_w',",
    "  { column: 'requests_asked', read: field('num_prompts'), exported: true },\n  { column: 'power_w',",
  ]);
  await addMigration('9998-requests-asked', 'requestsAsked', 'measurements', { requests_asked: 'integer?' });
}

async function addIdentityField(): Promise<void> {
  await edit('src/identity/table.ts', [
    "  { name: 'scenarioType',",
    "  { name: 'cacheTier', type: 'text', of: 'entry', part: 'point', config: 'either', slot: 'more', optional: true, query: 'cache_tier', page: 'cache-tier', label: 'Cache tier' },\n  { name: 'scenarioType',",
  ]);
  await addMigration('9999-cache-tier', 'cacheTier', 'configurations', { cache_tier: 'text?' });
  await writeFile(
    join(project, '.github/configs/tiers-master.yaml'),
    JSON.stringify({
      'tiered-fp8-h100-vllm': {
        image: 'example/engine:v1',
        model: 'org/model-7B',
        'model-prefix': 'tiered',
        precision: 'fp8',
        framework: 'vllm',
        runner: 'h100',
        multinode: false,
        'cache-tier': 'disk',
        scenarios: {
          'fixed-seq-len': [{ isl: 1024, osl: 1024, 'search-space': [{ tp: 1, 'conc-list': [4] }] }],
        },
      },
    }),
  );
}

async function addMigration(
  name: string,
  variable: string,
  table: string,
  columns: Readonly<Record<string, string>>,
): Promise<void> {
  await writeFile(
    join(project, `src/store/migrations/${name}.ts`),
    `import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

export const ${variable}: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, '${table}', ${JSON.stringify(columns)});
  },
};
`,
  );
  await edit(
    'src/store/migrations/index.ts',
    ['import type { Migration }', `import { ${variable} } from './${name}.ts';\nimport type { Migration }`],
    [/(migrations: Readonly<Record<string, Migration>> = \{[^}]*)\}/, `$1  '${name}': ${variable},\n}`],
  );
}

/** The JSON output of a program that imports from the project. */
async function evaluated(program: string): Promise<unknown> {
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project });
  return JSON.parse(stdout);
}

async function run(...args: string[]) {
  const bin = join(project, 'bin/inferencemax.js');
  return await promisify(execFile)(process.execPath, [bin, ...args], {
    cwd: project,
    maxBuffer: 64 * 1024 * 1024,
  });
}

test('no other file changed', async () => {
  const changed = (await git(project, 'status', '--porcelain'))
    .split('\n')
    .map((line) => line.trim().split(' ').at(-1))
    .filter((path) => path !== 'node_modules');
  expect(changed.toSorted()).toEqual([
    '.github/configs/stranger-master.yaml',
    '.github/configs/tiers-master.yaml',
    'benchmarks/model_fp8_h100_stranger.ts',
    'src/cli/commands/greet.ts',
    'src/cli/registry.ts',
    'src/derived/measures.ts',
    'src/engines/list.ts',
    'src/engines/stranger.ts',
    'src/failures/table.ts',
    'src/identity/table.ts',
    'src/load/arrivals/list.ts',
    'src/load/arrivals/pulses.ts',
    'src/load/transports/list.ts',
    'src/load/transports/loopback.ts',
    'src/results/import/index.ts',
    'src/results/import/stranger.ts',
    'src/store/fact-columns.ts',
    'src/store/migrations/9998-requests-asked.ts',
    'src/store/migrations/9999-cache-tier.ts',
    'src/store/migrations/index.ts',
  ]);
});

test.runIf(isThorough)('the types of the whole project still hold', async () => {
  const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc');
  for (const folder of ['.', 'web']) {
    const { stdout } = spawnSync(process.execPath, [tsc, '--noEmit', '-p', folder], {
      cwd: project,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  }
});

describe('an added engine', () => {
  test('is planned with its command, estimate and port, without warnings about missing parts', async () => {
    const { stdout, stderr } = await run('plan', '--config-keys', 'model-fp8-h100-stranger', '--json');
    expect(stderr).toBe('');
    const [session] = planReportSchema.parse(JSON.parse(stdout)).sessions;
    expect(session?.command).toMatchObject({
      kind: 'process',
      argv: ['stranger-serve', 'org/model-7B', '--listen=8888', '--gpus', '1'],
      env: { STRANGER: '1', HF_HUB_CACHE: '/mnt/vast/hf-hub-cache' },
    });
    expect(session?.estimate.loadS).toBeGreaterThan(4321);
    const { stdout: text } = await run('plan', '--config-keys', 'model-fp8-h100-stranger');
    expect(text).toContain('(stranger 4321 s)');
  });

  test('is valid, and has its own marker on the page', async () => {
    await run('validate');
    const program = `
      import { knowledgeOf } from './src/app/knowledge.ts';
      import { indexKind } from './src/server/documents/index-document.ts';
      import { openStore } from './src/store/index.ts';
      const store = await openStore('stranger.sqlite');
      const { engines } = (await indexKind.build(await knowledgeOf(store), {})).names;
      await store.close();
      console.log(JSON.stringify(engines));`;
    const engines = z
      .array(z.object({ framework: z.string(), title: z.string(), marker: z.string() }))
      .parse(await evaluated(program));
    expect(engines).toContainEqual({ framework: 'stranger', title: 'Stranger', marker: 'triangle-down' });
  });
});

describe('an added failure class', () => {
  test('has options, and is read from journals and shown', async () => {
    const { stdout: help } = await run('run', '--help');
    expect(help).toContain('lights-out');
    const sweepId = 'run-20261126-202622-8e9e';
    const directory = join(project, '.inferencemax/runs', sweepId);
    await cp(join(import.meta.dirname, 'testdata/run-of-0.1'), directory, { recursive: true });
    const journal = await readFile(join(directory, 'journal.jsonl'), 'utf8');
    await writeFile(
      join(directory, 'journal.jsonl'),
      journal.replaceAll('"failureClass":"engine-died"', '"failureClass":"lights-out"'),
    );
    const { stdout } = await run('sweep', 'show', sweepId, '--json');
    expect(stdout).toContain('"failureClass":"lights-out"');
  });

  test('ends what its row declares, with rules that a user can change', async () => {
    const program = `
      import { endsTheEngine, endsTheReservation, failureTable } from './src/failures/index.ts';
      import { rulesOf } from './src/cli/sweep-options.ts';
      const rules = rulesOf({ retries: { 'lights-out': 3 } });
      console.log(JSON.stringify([
        endsTheEngine('lights-out'), endsTheReservation('lights-out'),
        failureTable['lights-out'].restarts, rules['lights-out'].restarts, rules['lights-out'].backoffS,
      ]));`;
    expect(await evaluated(program)).toEqual([true, true, 1, 3, 7]);
  });
});

test('an added command is listed and runs', async () => {
  const { stdout: help } = await run('--help');
  expect(help).toMatch(/greet +say hello/);
  expect((await run('greet')).stdout).toBe('hello\n');
});

test('results of an added tool are listed, recognized and imported', async () => {
  const { stdout: help } = await run('results', 'import', '--help');
  expect(help).toMatch(/stranger-bench +stranger-bench's report/);
  const file = join(project, 'foreign.json');
  await writeFile(file, JSON.stringify({ stranger_model: 'm', replies: 10, tokens: 500, took_s: 5 }));
  const { stdout } = await run('results', 'import', file, '--out-dir', join(project, 'imported'), '--json');
  const [{ file: written, tool }] = z
    .tuple([z.object({ file: z.string(), tool: z.string() })])
    .parse(JSON.parse(stdout));
  expect(tool).toBe('stranger-bench');
  expect(JSON.parse(await readFile(written, 'utf8'))).toMatchObject({
    source: { tool: 'stranger-bench' },
    completed: 10,
    output_throughput: 100,
  });
});

describe('an added arrival pattern', () => {
  test('is an option of bench serve, and requests arrive at its times in all threads', async () => {
    const { stdout: help } = await run('bench', 'serve', '--help');
    expect(help).toMatch(/--pulse-size <n> +requests that come at once/);
    await using mock = await startMockProcess({ ttftMs: 1, itlMs: 1, tokensPerEvent: 1, eventsPerWrite: 1 });
    const file = join(project, 'pulses.json');
    await run(
      'bench',
      'serve',
      '--base-url',
      mock.baseUrl,
      '--model',
      'mock',
      '--random-input-len',
      '8',
      '--random-output-len',
      '2',
      '--num-prompts',
      '12',
      '--pulse-size',
      '4',
      '--threads',
      '2',
      '--save-result',
      '--result-dir',
      project,
      '--result-filename',
      'pulses.json',
    ).catch(({ code }: { readonly code: number }) => {
      // On a busy machine the measurement is invalid, but requests are still sent when they are due.
      expect(code).toBe(1);
    });
    const result: unknown = JSON.parse(await readFile(file, 'utf8'));
    const { completed, duration } = z.object({ completed: z.number(), duration: z.number() }).parse(result);
    expect(completed).toBe(12);
    // The third pulse is due 0.4 s after the start, and nothing is sent early.
    expect(duration).toBeGreaterThan(0.4);
  });

  test('is rejected with its own message if it is invalid or combined with what it excludes', async () => {
    const asked = ['bench', 'serve', '--port', '1', '--model', 'm', '--num-prompts', '4'];
    const refused = async (...args: string[]) =>
      await run(...asked, ...args).then(
        () => 'not refused',
        (error: { code: number; stderr: string }) => `${error.code}: ${error.stderr}`,
      );
    expect(await refused('--pulse-size', '0')).toMatch(/^2: .*a pulse has a request at least/s);
    expect(await refused('--pulse-size', 'many')).toMatch(/^2: .*expected a number of requests/s);
    expect(await refused('--pulse-size', '2', '--request-rate', '3')).toMatch(/^2: .*cannot be used with/s);
    expect(await refused('--pulse-size', '2', '--rate-stages', '3:1')).toMatch(
      /^2: .*several arrival patterns: rate and pulses/s,
    );
  });
});

describe('an added transport', () => {
  test('carries the requests of its base URLs in all threads, and timestamps the bytes', async () => {
    const command =
      'bench serve --base-url loopback://here?k=v --model m --random-input-len 8 --random-output-len 5 ' +
      '--num-prompts 40 --max-concurrency 4 --threads 2 --json';
    const { stdout } = await run(...command.split(' ')).catch(
      (error: { readonly code: number; readonly stdout: string }) => {
        // On a busy machine the measurement is invalid.
        expect(error.code).toBe(1);
        return error;
      },
    );
    const result: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(result).toMatchObject({ event: 'result', completed: 40, failed: 0, total_output_tokens: 200 });
    // By the transport's timestamps, tokens come 10 ms apart, however slow the machine is.
    expect(result).toMatchObject({
      median_tpot_ms: expect.closeTo(10, 3),
      median_itl_ms: expect.closeTo(10, 3),
    });
  });

  test('is listed in the error for an invalid URL, and gets no HTTP requests', async () => {
    const refused = async (...args: string[]) =>
      await run('bench', 'serve', '--model', 'm', ...args).then(
        () => 'not refused',
        (error: { code: number; stderr: string }) => `${error.code}: ${error.stderr}`,
      );
    expect(await refused('--base-url', 'ftp://here')).toMatch(
      /^2: .*unix:\/\/\/path\/to\/socket, or loopback:\/\/NAME/s,
    );
    expect(await refused('--base-url', 'loopback://here', '--profile')).toMatch(
      /: .*cannot be asked for \/start_profile/s,
    );
  });
});

test('an added measure can be selected on the page, in the chart and over time', async () => {
  const program = `
    import { exploreParams } from './web/src/views/explore/params.ts';
    import { historyParams } from './web/src/views/history/params.ts';
    const key = 'gpus-by-a-stranger';
    console.log(JSON.stringify([exploreParams.y.parse(key), historyParams.measure.parse(key)]));`;
  expect(await evaluated(program)).toEqual(['gpus-by-a-stranger', 'gpus-by-a-stranger']);
});

describe('an added store column', () => {
  const runOf01 = join(import.meta.dirname, 'testdata/run-of-0.1');
  const exported = async (store: string) => {
    const file = `${store}.json`;
    await run('store', 'export', file, '--store', store);
    const points: unknown = JSON.parse(await readFile(file, 'utf8'));
    return z.array(z.looseObject({ requests_asked: z.number().nullable() })).parse(points);
  };

  test('has the value of each ingested result, and is exported', async () => {
    const store = join(project, 'new.sqlite');
    await run('store', 'ingest', runOf01, '--store', store);
    const [raw = ''] = await readdir(join(runOf01, 'raw'));
    const { num_prompts: asked } = JSON.parse(await readFile(join(runOf01, 'raw', raw), 'utf8'));
    expect(asked).toBeGreaterThan(0);
    expect((await exported(store)).map((point) => point.requests_asked)).toEqual([asked]);
  });

  test('is added to an existing store, whose points do not have it', async () => {
    const store = join(project, 'older.sqlite');
    const bin = join(packageRoot, 'bin/inferencemax.js');
    await promisify(execFile)(process.execPath, [bin, 'store', 'ingest', runOf01, '--store', store]);
    expect((await exported(store)).map((point) => point.requests_asked)).toEqual([null]);
  });
});

test('an added point field gets from a config into entries', async () => {
  const asked = [
    '--config-keys',
    'tiered-fp8-h100-vllm',
    '--config-files',
    '.github/configs/tiers-master.yaml',
  ];
  const { stdout } = await run('generate', 'test-config', ...asked);
  expect(JSON.parse(stdout)).toMatchObject([{ 'cache-tier': 'disk' }]);
});
