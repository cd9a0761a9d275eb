import { expect, test } from 'vitest';
import type { ExportedPower } from './exporters.ts';
import { doubtOfExporters } from './repeated-values.ts';

const scrapes = (powersW: readonly (readonly number[])[]): ExportedPower[] =>
  powersW.flatMap((powers, scrape) =>
    powers.map((powerW, gpuIndex) => ({
      hostname: 'node-a',
      gpuIndex,
      uuid: `GPU-${gpuIndex}`,
      scrape,
      atS: 100 + scrape,
      powerW,
    })),
  );

test('an exporter that repeats the values of all GPUs for more than 3 s collects them too rarely', () => {
  const stale = scrapes([
    [1, 2],
    [5, 6],
    [5, 6],
    [5, 6],
    [5, 6],
    [5, 6],
    [7, 8],
  ]);
  expect(doubtOfExporters({ rows: stale })).toContain('of node-a repeated the power of its GPUs for 4 s');
  expect(doubtOfExporters({ rows: stale.filter(({ scrape }) => scrape !== 5) })).toBeUndefined();
});

test('an idle GPU beside a busy one, and an exporter without values cause no doubt', () => {
  expect(
    doubtOfExporters({ rows: scrapes([1, 2, 3, 4, 5, 6, 7].map((watt) => [70, watt])) }),
  ).toBeUndefined();
  expect(doubtOfExporters({ rows: [] })).toBeUndefined();
});
