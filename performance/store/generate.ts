import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomNumbers, type SyntheticPoint, syntheticRow } from '../../test/support/synthetic-results.ts';

const models = [
  { modelPrefix: 'dsr1', model: 'deepseek-ai/DeepSeek-R1-0528', speed: 1 },
  { modelPrefix: 'gptoss', model: 'openai/gpt-oss-120b', speed: 2.6 },
  { modelPrefix: 'llama70b', model: 'meta-llama/Llama-3.3-70B-Instruct', speed: 1.6 },
  { modelPrefix: 'qwen', model: 'Qwen/Qwen3.5-397B-A17B', speed: 1.3 },
] as const;
const lengths = [
  { isl: 1024, osl: 1024 },
  { isl: 1024, osl: 8192 },
  { isl: 8192, osl: 1024 },
] as const;
const hardware = [
  { hw: 'synthetic-h100', speed: 0.9 },
  { hw: 'synthetic-h200', speed: 1 },
  { hw: 'synthetic-b200', speed: 1.9 },
  { hw: 'synthetic-mi300x', speed: 0.8 },
  { hw: 'synthetic-mi325x', speed: 0.95 },
  { hw: 'synthetic-mi355x', speed: 1.7 },
] as const;
const frameworks = ['vllm', 'sglang'] as const;
const precisions = ['fp8', 'fp4'] as const;
const layouts = [
  { tp: 4, ep: 1, dpAttention: false },
  { tp: 8, ep: 8, dpAttention: true },
] as const;
const concurrencies = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const;

/** Points of one whole sweep: every combination of the lists above. */
export const pointsOfSweep =
  models.length *
  lengths.length *
  hardware.length *
  frameworks.length *
  precisions.length *
  layouts.length *
  concurrencies.length;

const dayMs = 86_400_000;
const firstDay = Date.UTC(2025, 0, 1);

/** The points of a sweep; images change every other week. */
export function* sweepPoints(sweep: number): Generator<SyntheticPoint> {
  const at = firstDay + sweep * dayMs;
  const release = Math.floor(sweep / 14);
  for (const { speed: modelSpeed, ...model } of models)
    for (const length of lengths)
      for (const { hw, speed } of hardware)
        for (const framework of frameworks)
          for (const precision of precisions)
            for (const layout of layouts)
              for (const conc of concurrencies)
                yield {
                  ...model,
                  ...length,
                  hw,
                  framework,
                  precision,
                  ...layout,
                  conc,
                  at,
                  specDecoding: 'none',
                  image: `${framework}:v0.${release}`,
                  speed: modelSpeed * speed * (precision === 'fp4' ? 1.4 : 1) * (1 + 0.01 * release),
                };
}

/**
 * The collected rows of enough whole sweeps for `pointCount` points, each as a CI run writes them: a list in a file.
 */
export async function* writtenSweeps(folder: string, pointCount: number): AsyncGenerator<string> {
  for (let sweep = 0, left = pointCount; left > 0; sweep++) {
    const random = randomNumbers(sweep);
    const points = [...sweepPoints(sweep)].slice(0, left);
    left -= points.length;
    const file = join(folder, `agg_results_${String(sweep).padStart(5, '0')}.json`);
    await writeFile(
      file,
      `[${points.map((point) => JSON.stringify(syntheticRow(point, random))).join(',\n')}]\n`,
    );
    const at = new Date(firstDay + sweep * dayMs);
    await utimes(file, at, at);
    yield file;
    await rm(file);
  }
}
