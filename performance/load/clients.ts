import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { pinned } from './pinning.ts';
import { cacheTokenizer, tokenizerName } from './tokenizer-folder.ts';

const run = promisify(execFile);
const here = import.meta.dirname;

const reportSchema = z.object({
  completed: z.number(),
  chunks: z.number(),
  durationS: z.number(),
  ttftP50Ms: z.number(),
  ttftP99Ms: z.number(),
  tpotP99Ms: z.number(),
  /** Between chunks; not all clients report it. */
  gapP99Ms: z.number().optional(),
  /** For the whole process, including start-up and statistics. */
  cpuS: z.number(),
  maxRssMb: z.number(),
  verdict: z.string().optional(),
});

/** A client's report about a run; every client prints it as one line of JSON. */
export type ClientReport = z.infer<typeof reportSchema>;

export interface Client {
  readonly name: string;
  /** So much slower than the others that it gets a tenth of their requests if only the rate matters. */
  readonly isSlow?: true;
  /** Rejects with the reason if there is no report. */
  measure(url: string, load: Load): Promise<ClientReport>;
}

export interface Load {
  readonly streams: number;
  readonly requests: number;
  readonly tokens: number;
  /** Requests of each conversation; 1 for independent ones. */
  readonly turns: number;
  /** Uses all cores instead of one. */
  readonly allCores?: boolean;
}

/**
 * The requested clients that this machine can run, ours first; `skipped` is called with the reason for each missing
 * one.
 */
export async function availableClients(
  cacheDir: string,
  wanted: (name: string) => boolean,
  skipped: (name: string, reason: string) => void,
): Promise<Client[]> {
  const clients = wanted('ours') ? [client('ours', process.execPath, [await compiledOurs(cacheDir)])] : [];
  for (const [name, prepare] of Object.entries({
    go: goClient,
    aiohttp: aiohttpClient,
    aiperf: aiperfClient,
    guidellm: guideLlmClient,
  })) {
    if (!wanted(name)) continue;
    try {
      clients.push(await prepare(cacheDir));
    } catch (error) {
      skipped(name, reasonOf(error));
    }
  }
  return clients;
}

/** Our client as in the package: compiled, so that no memory or time is spent on stripping types. */
export async function compiledOurs(cacheDir: string): Promise<string> {
  const outDir = join(cacheDir, 'ours');
  const root = join(here, '..', '..');
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  await run(compiler, ['-p', join(here, 'tsconfig.json'), '--outDir', outDir, '--rootDir', root]);
  await writeFile(join(outDir, 'package.json'), '{"type":"module"}\n');
  await rm(join(outDir, 'node_modules'), { force: true });
  await symlink(join(root, 'node_modules'), join(outDir, 'node_modules'));
  return join(outDir, 'performance', 'load', 'ours.js');
}

async function goClient(cacheDir: string): Promise<Client> {
  const program = join(cacheDir, 'go-client');
  await run('go', ['build', '-o', program, '.'], { cwd: join(here, 'peers', 'go-client') });
  return client('go', program, []);
}

async function aiohttpClient(cacheDir: string): Promise<Client> {
  const venv = join(cacheDir, 'venv');
  const python = join(venv, 'bin', 'python');
  await run('python3', ['-m', 'venv', venv]);
  await run(python, ['-m', 'pip', 'install', '--quiet', 'aiohttp==3.13.2'], { timeout: 180_000 });
  return client('aiohttp', python, [join(here, 'peers', 'aiohttp-client', 'client.py')]);
}

/** The first line of an error message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
}

const withoutConversations = 'it has no conversations of drawn turns';
const installTimeoutMs = 1_800_000;
const peerTimeoutMs = 900_000;

/**
 * Installs a tool from PyPI in its own environment, once; it runs pinned, without a network, and with our tokenizer.
 */
async function pypiTool(cacheDir: string, requirement: string) {
  const folder = join(cacheDir, requirement.replace(/[^\w.]+/g, '-'));
  const python = join(folder, 'bin', 'python');
  if (!existsSync(join(folder, '.installed'))) {
    process.stderr.write(`installing ${requirement} (once, may take minutes)…\n`);
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', requirement], { timeout: installTimeoutMs });
    await writeFile(join(folder, '.installed'), '');
  }
  const hfHome = join(cacheDir, 'hugging-face');
  const tokenizer = await cacheTokenizer(hfHome);
  const offline = { HF_HOME: hfHome, HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1' };
  const runTool = async (args: readonly string[]): Promise<z.infer<typeof usedSchema>> => {
    const [program, argv] = pinned(1, python, [join(here, 'peers', 'measured.py'), ...args]);
    const { stdout } = await run(program, argv, {
      timeout: peerTimeoutMs,
      maxBuffer: 1 << 26,
      env: { ...process.env, ...offline },
    });
    return usedSchema.parse(JSON.parse(stdout));
  };
  return { bin: join(folder, 'bin'), tokenizer, runTool };
}

/** Resources used by a tool and its processes; memory is that of the largest process. */
const usedSchema = z.object({ cpuS: z.number(), maxRssMb: z.number() });

async function aiperfClient(cacheDir: string): Promise<Client> {
  const tool = await pypiTool(cacheDir, 'aiperf==0.13.*');
  const figures = z.object({ p50: z.number(), p99: z.number() });
  const single = z.object({ avg: z.number() });
  const resultSchema = z.object({
    request_count: single,
    benchmark_duration: single,
    total_output_tokens: single,
    time_to_first_token: figures,
    inter_token_latency: figures,
    inter_chunk_latency: figures,
  });
  return {
    name: 'aiperf',
    isSlow: true,
    async measure(url, { streams, requests, tokens, turns }) {
      const folder = await mkdtemp(join(tmpdir(), 'aiperf-'));
      try {
        const used = await tool.runTool([
          join(tool.bin, 'aiperf'),
          'profile',
          '--model',
          'mock',
          '--url',
          url,
          '--endpoint-type',
          turns === 1 ? 'completions' : 'chat',
          '--streaming',
          '--concurrency',
          String(streams),
          ...(turns === 1
            ? ['--request-count', String(requests)]
            : [
                '--conversation-num',
                String(requests / turns),
                '--conversation-turn-mean',
                String(turns),
                '--conversation-turn-stddev',
                '0',
                '--conversation-turn-delay-mean',
                '0',
              ]),
          '--isl',
          '128',
          '--osl',
          String(tokens),
          '--extra-inputs',
          'ignore_eos:true',
          '--random-seed',
          '1',
          '--tokenizer',
          tokenizerName,
          '--artifact-dir',
          folder,
          '--ui',
          'none',
        ]);
        const text = await readFile(join(folder, 'profile_export_aiperf.json'), 'utf8');
        const result = resultSchema.parse(JSON.parse(text));
        return {
          completed: result.request_count.avg,
          chunks: result.total_output_tokens.avg,
          durationS: result.benchmark_duration.avg,
          ttftP50Ms: result.time_to_first_token.p50,
          ttftP99Ms: result.time_to_first_token.p99,
          tpotP99Ms: result.inter_token_latency.p99,
          gapP99Ms: result.inter_chunk_latency.p99,
          ...used,
        };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function guideLlmClient(cacheDir: string): Promise<Client> {
  const tool = await pypiTool(cacheDir, 'guidellm==0.8.*');
  const ofSuccessful = <T extends z.ZodType>(schema: T) => z.object({ successful: schema });
  const figures = ofSuccessful(
    z.object({ total_sum: z.number(), percentiles: z.object({ p50: z.number(), p99: z.number() }) }),
  );
  const resultSchema = z.object({
    benchmarks: z.tuple([
      z.object({
        duration: z.number(),
        metrics: z.object({
          request_totals: ofSuccessful(z.number()),
          output_token_count: figures,
          time_to_first_token_ms: figures,
          inter_token_latency_ms: figures,
        }),
      }),
    ]),
  });
  return {
    name: 'guidellm',
    isSlow: true,
    async measure(url, { streams, requests, tokens, turns }) {
      if (turns > 1) throw new Error(withoutConversations);
      const folder = await mkdtemp(join(tmpdir(), 'guidellm-'));
      const file = join(folder, 'report.json');
      try {
        const used = await tool.runTool([
          join(tool.bin, 'guidellm'),
          'run',
          '--disable-console',
          '--backend',
          `kind=openai_http,target=${url},model=mock,request_format=/v1/completions`,
          '--profile',
          `kind=concurrent,streams=${streams}`,
          '--constraint',
          `kind=max_requests,count=${requests}`,
          '--tokenizer',
          `kind=huggingface_auto,model=${tool.tokenizer}`,
          '--data',
          `kind=synthetic_text,prompt_tokens=128,output_tokens=${tokens}`,
          '--output',
          `kind=json,path=${file}`,
        ]);
        const { benchmarks } = resultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
        const [{ duration, metrics }] = benchmarks;
        return {
          completed: metrics.request_totals.successful,
          chunks: metrics.output_token_count.successful.total_sum,
          durationS: duration,
          ttftP50Ms: metrics.time_to_first_token_ms.successful.percentiles.p50,
          ttftP99Ms: metrics.time_to_first_token_ms.successful.percentiles.p99,
          tpotP99Ms: metrics.inter_token_latency_ms.successful.percentiles.p99,
          ...used,
        };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function client(name: string, program: string, args: readonly string[]): Client {
  return {
    name,
    async measure(url, { streams, requests, tokens, turns, allCores }) {
      if (turns > 1 && name !== 'ours') throw new Error(withoutConversations);
      const load = [
        '--url',
        url,
        '--streams',
        String(streams),
        '--requests',
        String(requests),
        '--tokens',
        String(tokens),
        ...(turns === 1 ? [] : ['--turns', String(turns)]),
      ];
      const [command, argv] =
        allCores === true ? [program, [...args, ...load]] : pinned(1, program, [...args, ...load]);
      const { stdout } = await run(command, argv, {
        timeout: 300_000,
        maxBuffer: 1 << 20,
        env: { ...process.env, GOMAXPROCS: '1' },
      });
      return reportSchema.parse(JSON.parse(stdout));
    },
  };
}
