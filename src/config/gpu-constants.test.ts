import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadGpuConstants } from './gpu-constants.ts';

/** The public dashboard's constants (contract §8): kW, then $/h for hyperscaler, neocloud, rental. */
const published = {
  h100: [1.73, 1.3, 1.69, 1.3],
  h200: [1.73, 1.41, 1.74, 1.6],
  b200: [2.17, 1.95, 2.34, 2.9],
  b300: [2.17, 2.34, 2.808, 3.48],
  gb200: [2.1, 2.21, 2.75, 3.3],
  gb300: [2.1, 2.652, 3.3, 3.96],
  mi300x: [1.79, 1.12, 1.4, 1.55],
  mi325x: [2.18, 1.28, 1.59, 1.8],
  mi355x: [2.65, 1.48, 1.9, 2.1],
};

test('the constants that come with the product are the published ones, each figure with its source', async () => {
  const constants = await loadGpuConstants();
  expect(
    Object.fromEntries(
      constants.map(({ gpu, allInPowerKw, usdPerGpuHour: { hyperscaler, neocloud, rental } }) => [
        gpu,
        [allInPowerKw, hyperscaler, neocloud, rental].map(({ value }) => value),
      ]),
    ),
  ).toEqual(published);
  for (const { specs } of constants)
    for (const figure of Object.values(specs)) expect(figure?.source).toMatch(/^(NVIDIA|AMD) /);
});

test('a figure without its source is an error with its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gpus-'));
  try {
    const file = join(folder, 'gpus.yaml');
    await writeFile(file, 'sources: []\ngpus:\n  h100:\n    name: H100\n    allInPowerKw: { value: 1 }\n');
    await expect(loadGpuConstants(file)).rejects.toThrow(/gpus\.yaml:5:.*source/s);
  } finally {
    await rm(folder, { recursive: true });
  }
});
