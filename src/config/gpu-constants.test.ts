import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadGpuConstants } from './gpu-constants.ts';

/** The public dashboard's constants, newest first: kW, then $/h for hyperscaler, neocloud, rental. */
const published = {
  h100: [
    [1.37, 1.73],
    [1.17, 1.3],
    [1.55, 1.69],
    [2, 1.78, 1.3],
  ],
  b300: [
    [1.9, 2.17],
    [2.26, 2.34],
    [2.52, 2.808],
    [4.25, 3, 3.48],
  ],
  mi355x: [
    [2.09, 2.65],
    [1.5, 1.48],
    [2.09, 1.9],
    [2.9, 2.1, 2.1],
  ],
  rtx6000pro: [[0.975], [0.68], [0.75], [0.52]],
  tpuv7: [[1.207], [1.21], [], [2]],
  gaudi3: [[], [], [], []],
};

test('the constants that come with the product are the published ones of April to September', async () => {
  const constants = await loadGpuConstants();
  const shown = constants.filter(({ gpu }) => Object.hasOwn(published, gpu));
  expect(
    Object.fromEntries(
      shown.map(({ gpu, allInPowerKw, usdPerGpuHour: { hyperscaler, neocloud, rental } }) => [
        gpu,
        [allInPowerKw, hyperscaler, neocloud, rental].map((figure) =>
          figure === undefined ? [] : [figure, ...figure.before].map(({ value }) => value),
        ),
      ]),
    ),
  ).toEqual(published);
});

test('every figure has its source, and its month if it changes', async () => {
  for (const { specs, allInPowerKw, usdPerGpuHour } of await loadGpuConstants()) {
    for (const figure of Object.values(specs))
      expect(figure?.source).toMatch(/^(NVIDIA|AMD|Google|Intel|Public) /);
    for (const figure of [allInPowerKw, ...Object.values(usdPerGpuHour)])
      if (figure !== undefined) expect(figure.asOf).toMatch(/^2026-0[89]$/);
  }
});

test('months out of order are an error with their place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gpus-'));
  try {
    const file = join(folder, 'gpus.yaml');
    const price = (asOf: string) => `        - { value: 1, source: s, asOf: ${asOf} }\n`;
    await writeFile(
      file,
      `sources: []\ngpus:\n  h100:\n    name: H100\n    vendor: NVIDIA\n    specs: {}\n    usdPerGpuHour:\n      rental:\n${price('2026-04')}${price('2026-08')}`,
    );
    await expect(loadGpuConstants(file)).rejects.toThrow(/gpus\.yaml:\d+:.*the newest first/s);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a figure without its source is an error with its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gpus-'));
  try {
    const file = join(folder, 'gpus.yaml');
    await writeFile(file, 'sources: []\ngpus:\n  h100:\n    name: H100\n    allInPowerKw: [{ value: 1 }]\n');
    await expect(loadGpuConstants(file)).rejects.toThrow(/gpus\.yaml:5:.*source/s);
  } finally {
    await rm(folder, { recursive: true });
  }
});
