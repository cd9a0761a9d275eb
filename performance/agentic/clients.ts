import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AgentTrace } from '../../src/load/agentic/trace.ts';
import { packageRoot } from '../../src/package-root.ts';
import { pinned } from '../load/pinning.ts';
import { cacheTokenizer, tokenizerName } from '../load/tokenizer-folder.ts';

/** What both clients replay, in the same way. */
export interface Replayed {
  readonly traces: readonly AgentTrace[];
  readonly baseUrl: string;
  readonly lanes: number;
  readonly durationS: number;
  /** For the files of the run. */
  readonly folder: string;
}

export interface ReplayedBy {
  /** The text of its `profile_export.jsonl`. */
  readonly exported: string;
  /** CPU time of the client and its processes, with start-up and statistics. */
  readonly cpuS: number;
}

const seed = 42;
const warmupRequestsPerLane = 1;
const usedSchema = z.object({ cpuS: z.number() });

/** `bench replay` on one core. */
export async function replayedByUs(replayed: Replayed): Promise<ReplayedBy> {
  const { traces, baseUrl, lanes, durationS, folder } = replayed;
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'traces.jsonl');
  await writeFile(file, traces.map((trace) => `${JSON.stringify(trace)}\n`).join(''));
  const args = [
    ['bench', 'replay', file],
    ['--base-url', baseUrl],
    ['--model', 'mock'],
    ['--concurrency', String(lanes)],
    ['--benchmark-duration', String(durationS)],
    ['--warmup-requests-per-lane', String(warmupRequestsPerLane)],
    ['--random-seed', String(seed)],
    ['--result-dir', join(folder, 'results')],
  ].flat();
  const cpuS = await cpuOf(process.execPath, [join(packageRoot, 'bin', 'inferencemax.js'), ...args], {});
  return { cpuS, exported: await readFile(join(folder, 'results', exportsName, recordsName), 'utf8') };
}

/**
 * The public benchmark's client on one core, without a network. `program` is the `agentx` or `aiperf` of its
 * environment. It tokenizes with a tokenizer that is written here.
 */
export async function replayedByAiperf(program: string, replayed: Replayed): Promise<ReplayedBy> {
  const { traces, baseUrl, lanes, durationS, folder } = replayed;
  const input = join(folder, 'traces');
  await mkdir(input, { recursive: true });
  for (const [number, trace] of traces.entries()) {
    await writeFile(join(input, `${String(number).padStart(4, '0')}.json`), JSON.stringify(trace));
  }
  const hfHome = join(folder, 'hugging-face');
  await cacheTokenizer(hfHome);
  const args = [
    ['profile', '--scenario', 'inferencex-agentx-mvp', '--unsafe-override'],
    ['--custom-dataset-type', 'weka_trace', '--input-file', input],
    ['--model', 'mock', '--tokenizer', tokenizerName],
    ['--url', baseUrl, '--endpoint-type', 'chat', '--streaming', '--use-server-token-count'],
    ['--concurrency', String(lanes)],
    ['--benchmark-duration', String(durationS)],
    ['--warmup-requests-per-lane', String(warmupRequestsPerLane)],
    ['--random-seed', String(seed)],
    ['--output-artifact-dir', join(folder, exportsName)],
    ['--ui', 'none', '--no-gpu-telemetry', '--no-server-metrics'],
  ].flat();
  const offline = { HF_HOME: hfHome, HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1' };
  const cpuS = await cpuOf(program, args, offline);
  return { cpuS, exported: await readFile(join(folder, exportsName, recordsName), 'utf8') };
}

const exportsName = 'aiperf_artifacts';
const recordsName = 'profile_export.jsonl';

/** Runs a program pinned to one core; returns the CPU time of it and its children. Throws if it fails. */
async function cpuOf(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const measured = join(packageRoot, 'performance', 'load', 'peers', 'measured.py');
  const [command, argv] = pinned(1, 'python3', [measured, program, ...args]);
  const child = spawn(command, argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let [output, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} exited with ${String(code)}:\n${said.slice(-2000)}`);
  return usedSchema.parse(JSON.parse(output.trim().split('\n').at(-1) ?? '')).cpuS;
}
