import { isDeepStrictEqual } from 'node:util';
import type { ExportedPower, ExporterSamples } from './exporters.ts';

/** Longer than any gap between samples that measured power may have (contract F11). */
const longestS = 3;

/**
 * Why the power of exporters is doubtful: one repeated the values of all its GPUs, so it collects them less often than it
 * is read. Undefined if none did.
 */
export function doubtOfExporters({ rows }: Pick<ExporterSamples, 'rows'>): string | undefined {
  for (const [hostname, ofNode] of Map.groupBy(rows, (row) => row.hostname)) {
    const repeatedS = longestRepetitionS(ofNode);
    if (repeatedS > longestS)
      return `the DCGM exporter of ${hostname} repeated the power of its GPUs for ${repeatedS.toFixed(0)} s: start it with --collect-interval=1000`;
  }
  return undefined;
}

/** The longest time over which every scrape had the same powers. */
function longestRepetitionS(rows: readonly ExportedPower[]): number {
  const scrapes = [...Map.groupBy(rows, ({ scrape }) => scrape).values()];
  let longest = 0;
  let since: readonly ExportedPower[] | undefined;
  for (const scrape of scrapes) {
    if (since === undefined || !isDeepStrictEqual(powersOf(since), powersOf(scrape))) since = scrape;
    longest = Math.max(longest, (scrape[0]?.atS ?? 0) - (since[0]?.atS ?? 0));
  }
  return longest;
}

function powersOf(scrape: readonly ExportedPower[]): readonly number[] {
  return scrape.map(({ powerW }) => powerW);
}
