import type { LengthBucket } from '../length-distribution.ts';
import { describe, wrongFile } from './problem.ts';
import { linesOf, openTextFile } from './text-file.ts';

const wanted = 'a length and its count, such as 512,30, or a range and its count, such as 512-1023,30';

/**
 * Reads a histogram of lengths: one length or range of lengths with its count on each line, separated by a comma, a tab
 * or spaces. A header and lines that start with # are skipped. Throws LoadError with the line of an error.
 */
export async function readLengthHistogram(path: string): Promise<readonly LengthBucket[]> {
  await using file = await openTextFile(path);
  const buckets: LengthBucket[] = [];
  let isFirst = true;
  for await (const { text, line } of linesOf(file)) {
    const isHeader: boolean = isFirst && /^[a-z_]/i.test(text);
    if (isHeader || text.startsWith('#')) {
      isFirst &&= !isHeader;
      continue;
    }
    isFirst = false;
    const place = { file: path, line };
    const [, low, high = low, count] = /^(\d+)(?:\s*-\s*(\d+))?[\s,;]+(\d*\.?\d+)$/.exec(text) ?? [];
    if (low === undefined) throw wrongFile(place, `expected ${wanted}, not ${describe(text)}`);
    const bucket = { low: Number(low), high: Number(high), weight: Number(count) };
    if (bucket.low < 1 || bucket.high < bucket.low || !Number.isSafeInteger(bucket.high)) {
      throw wrongFile(
        place,
        `the length ${text.split(/[\s,;]/, 1)[0]} must be 1 or more, and a range ascending`,
      );
    }
    if (bucket.weight > 0) buckets.push(bucket);
  }
  if (buckets.length > 0) return buckets;
  throw wrongFile({ file: path, line: 1 }, 'the histogram has no length with a count above 0');
}
