import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadGpuConstants } from './gpu-constants.ts';

/** The public dashboard's constants (contract §8): kW, then $/h for hyperscaler, neocloud, rental. */
const published = {
  h100: [1.37, 1.17, 1.55, 2],
  h200: [1.37, 1.22, 1.59, 2.9],
  b200: [1.71, 1.73, 2.07, 3.7],
  b300: [1.9, 2.26, 2.52, 4.25],
  gb200: [1.87, 1.86, 2.26, 4],
  gb300: [2.12, 2.31, 2.79, 5],
  mi300x: [1.39, 0.95, 1.16, 1.3],
  mi325x: [1.69, 1.1, 1.32, 1.6],
  mi355x: [2.09, 1.5, 2.09, 2.9],
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

test('a price states its month', async () => {
  for (const { allInPowerKw, usdPerGpuHour } of await loadGpuConstants())
    for (const { asOf } of [allInPowerKw, ...Object.values(usdPerGpuHour)])
      expect(asOf).toMatch(/^2026-0[89]$/);
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
