import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { vendorNamed } from '../src/accelerators/index.ts';
import { parseJson } from '../src/bounded-json.ts';
import { Changelog } from '../src/changelog/index.ts';
import { wordsOf } from '../src/ci/command-line.ts';
import { loadMasterConfigs } from '../src/config/index.ts';

import { InputError } from '../src/errors.ts';
import { ask } from '../src/evals/ask.ts';
import { explainLog } from '../src/failures/index.ts';
import { thisMachine } from '../src/hosts/index.ts';
import { packageRoot } from '../src/package-root.ts';
import { jsonValues, textOfBytes } from '../src/results/json-text.ts';
import { publicText } from '../src/server/privacy.ts';
import { readArtifacts } from '../src/store/ingest/artifacts.ts';
import { archiveFiles } from '../src/store/ingest/files/archive.ts';
import { readJournal } from '../src/store/ingest/journal.ts';
import { metricsAt } from '../src/telemetry/index.ts';
import { telemetrySources } from '../src/telemetry/sources/list.ts';
import { januaryFolder } from './support/january.ts';
import { runs } from './support/runs.ts';
import { randomNumbers } from './support/synthetic-results.ts';
import { zip } from './support/zip.ts';

/** Mutations of the corpus per parser. */
const cases = runs(40);

/** Text that breaks parsers, inserted at random positions. */
const nasty = [
  '\0',
  '\ufeff',
  '\ud800',
  '\r',
  '\t',
  '"',
  "'",
  '`',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '&a',
  '*a',
  '<<: ',
  '!!js ',
  '|',
  '%',

  'NaN',
  '-Infinity',
  '1e999',
  '-1',
  '9007199254740993',
  '0x1',
  '1_0',
  'null',
  '__proto__',
  '"constructor":{"prototype":1}',
  '../..',
  '\u001b[2J',

  '['.repeat(5_000),
  '{"a":'.repeat(2_000),
  ' '.repeat(20_000),
  'a'.repeat(50_000),
  'token='.repeat(3_000),
  '🜁'.repeat(300),
];

/** A mutation of the corpus, determined by the seed; a failure shows its seed. */
function mutated(corpus: readonly Buffer[], seed: number): Buffer {
  const next = randomNumbers(seed);
  const below = (count: number) => Math.floor(next() * count);
  const one = () => corpus[below(corpus.length)] ?? Buffer.alloc(0);
  let bytes = Buffer.from(one());
  for (let left = 1 + below(4); left > 0; left--) {
    const at = below(bytes.length + 1);
    const end = Math.min(bytes.length, at + below(60));
    const [before, middle, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
    const other = one();
    const changes = [
      () => Buffer.concat([before, after]),
      () => Buffer.concat([before, middle, middle, after]),
      () => before,
      () => Buffer.concat([before, Buffer.from(nasty[below(nasty.length)] ?? ''), after]),
      () => Buffer.concat([before, Buffer.from([below(256)]), after.subarray(1)]),
      () => Buffer.concat([before, other.subarray(below(other.length + 1)), after]),
    ];
    bytes = Buffer.from(changes[below(changes.length)]?.() ?? bytes);
  }
  return bytes;
}

let folder: string;
let server: Server;
let answer: Uint8Array = Buffer.alloc(0);
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mutated-'));
  server = createServer((_, response) => response.end(answer)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  url = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const row = {
  hw: 'h200',
  model: 'org/m',
  infmax_model_prefix: 'm',
  precision: 'fp8',
  framework: 'vllm',
  tp: 8,
  ep: 1,
  isl: 1024,
  osl: 1024,
  conc: 4,
  tput_per_gpu: 100,
  is_multinode: false,
  dp_attention: 'false',
  spec_decoding: 'none',
  image: 'a:b',
};
const raw = {
  max_concurrency: 4,
  total_token_throughput: 1,
  fidelity: { verdict: 'valid', reasons: [] },
  provenance: { server: { args: ['a', '--b', 'c'] } },
};
const sweep = { key: 'a', created_at: 0, command: 'test', source: 'import', state: 'complete' } as const;
const texts = (...all: string[]) => all.map((text) => Buffer.from(text));
const configs = async () => {
  const [august, january] = await Promise.all(
    [packageRoot, januaryFolder].map(async (project) => {
      const from = join(project, '.github', 'configs');
      const names = (await readdir(from)).filter((name) => name.endsWith('.yaml'));
      return await Promise.all(names.map((name) => readFile(join(from, name))));
    }),
  );
  return [...(august ?? []), ...(january ?? [])];
};
const engineLog = [
  'INFO 01-14 engine.py:1] HF_TOKEN=abc --model /home/ann/m',
  'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB',
  '\u001b[31mERROR\u001b[0m Traceback (most recent call last):',
  "ValueError: ['--api-key', 'x'] https://u:p@h/w?sig=1",
].join('\n');

interface Parser {
  readonly corpus: () => readonly Buffer[] | Promise<readonly Buffer[]>;
  readonly parse: (bytes: Buffer) => unknown;
}

const parsers: Readonly<Record<string, Parser>> = {
  'YAML of configs': {
    corpus: configs,
    parse: async (bytes) => {
      await writeFile(join(folder, 'a-master.yaml'), bytes);
      return await loadMasterConfigs([join(folder, 'a-master.yaml')]);
    },
  },
  'YAML of a changelog': {
    corpus: () =>
      texts(
        "- config-keys: ['a-*']\n  description: [x]\n  pr-link: https://x.org/1\n- config-keys: [b]\n  description: |\n    y\n",
      ),
    parse: async (bytes) => (await Changelog.parse('perf-changelog.yaml', bytes.toString())).check(),
  },
  JSON: { corpus: () => texts(JSON.stringify([row, raw])), parse: (bytes) => parseJson(bytes.toString()) },
  'JSON with positions': {
    corpus: () => texts(JSON.stringify([row, raw], null, 1), '{"a":NaN}\n{"b":-Infinity}\n'),
    parse: (bytes) => jsonValues('f.json', textOfBytes('f.json', bytes)),
  },
  'JSON lines of a journal': {
    corpus: () =>
      texts(
        `${[
          { type: 'sweep-started', at: '2026-01-01T00:00:00Z' },
          {
            type: 'engine-starting',
            at: '2026-01-01T00:00:01Z',
            sessionId: 's',
            node: 'n',
            start: 1,
            argv: [],
          },
          { type: 'engine-ready', at: '2026-01-01T00:00:02Z', sessionId: 's', node: 'n', afterS: 1 },
        ]
          .map((line) => JSON.stringify(line))
          .join('\n')}\n`,
      ),
    parse: (bytes) => readJournal(bytes.toString(), { sessions: new Map(), points: new Map() }),
  },
  'rows and raw results': {
    corpus: () =>
      texts(
        JSON.stringify([row, row]),
        JSON.stringify(raw),
        `${JSON.stringify(row)}\n${JSON.stringify(row)}\n`,
      ),
    parse: async (bytes) => {
      const files = ['a.json', 'b.jsonl'].map((path) => ({
        path,
        bytes: bytes.length,
        modifiedAt: 0,
        read: async () => bytes,
      }));
      for await (const { quarantined } of readArtifacts(files, { sweep }))
        for (const { reason } of quarantined)
          if (reason.length > 20_000) throw new RangeError('a reason without an end');
    },
  },
  archives: {
    corpus: () => [
      zip([
        { name: 'raw/a.json', content: JSON.stringify(raw) },
        { name: 'agg/agg_a.json', content: JSON.stringify(row) },
      ]),
    ],
    parse: async (bytes) => {
      await writeFile(join(folder, 'a.zip'), bytes);
      const archive = await archiveFiles(join(folder, 'a.zip'));
      try {
        for (const file of archive.files) await file.read();
      } finally {
        await archive.close();
      }
    },
  },
  logs: {
    corpus: () => texts(engineLog),
    parse: (bytes) => [publicText(bytes.toString()), explainLog(bytes.toString())],
  },
  'text of metrics': {
    corpus: () =>
      texts(
        '# TYPE a gauge\nvllm:num_requests_running{engine="0",m="a \\"b\\" }"} 3.0\nvllm:num_requests_running 1e3 17\n',
      ),
    parse: async (bytes) => {
      answer = bytes;
      const source = telemetrySources.find(({ name }) => name === 'engine');
      const metrics = {
        places: [metricsAt(`${url}/metrics`)],
        names: { running: 'vllm:num_requests_running' },
      };
      return await source?.open({ host: thisMachine, metrics })?.(10_000);
    },
  },
  'answers of a server': {
    corpus: () =>
      texts(
        JSON.stringify({
          choices: [{ message: { content: 'the answer is 7' }, finish_reason: 'stop' }],
          usage: { completion_tokens: 5 },
        }),
      ),
    parse: async (bytes) => {
      answer = bytes;
      const question = { prompt: 'x', maxTokens: 16, stop: [] };
      return await ask({ baseUrl: url, model: 'm', api: 'chat' }, question, {
        timeoutS: 10,
        signal: new AbortController().signal,
      });
    },
  },
  'figures of accelerators': {
    corpus: () => texts('0, 512, 143771\n1, [N/A], 143771\n', '1234, /usr/bin/python, 512\n'),
    parse: async (bytes) => {
      const host = { ...thisMachine, run: async () => ({ code: 0, stdout: bytes.toString(), stderr: '' }) };
      return await Promise.all(vendorNamed('nvidia').tools.map(async ({ use }) => await use(host)));
    },
  },
  'command lines in comments': {
    corpus: () => texts(`test-config --config-keys 'dsr1-*' "a b" --x=1`),
    parse: (bytes) => wordsOf(bytes.toString()),
  },
};

/** Errors that input may cause; all others are bugs in the parser. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof Error &&
  (error instanceof SyntaxError ||
    error instanceof z.ZodError ||
    !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError));

test.each(Object.entries(parsers))(
  '%s: any mutation is either accepted or rejected in a short sentence',
  async (_, { corpus, parse }) => {
    const seeds = await corpus();
    for (let seed = 0; seed < cases; seed++) {
      const bytes = mutated(seeds, seed);
      try {
        await parse(bytes);
      } catch (error) {
        if (!isRefusal(error))
          throw new Error(`seed ${seed}: ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`, {
            cause: error,
          });
        const said = error instanceof InputError ? error.problems.length : 0;
        expect(said, `seed ${seed}`).toBeLessThanOrEqual(101);
      }
    }
  },
);
