import { count, wrongFile } from './problem.ts';

/** Facts about the blocks of a trace row. */
export interface BlockedRow {
  readonly line: number;
  readonly inputTokens: number;
  /** The number of its hash ids. */
  readonly ids: number;
}

/** Tokens per block in Mooncake's own traces. */
export const mooncakeBlockTokens = 512;

/** Block sizes that are consistent with every row, both limits inclusive. */
interface Sizes {
  readonly low: number;
  readonly high: number;
}

/**
 * How many tokens a hash id stands for: the requested number, or else one that is consistent with the lengths and the
 * numbers of ids, preferably 512. Throws LoadError if a row has more ids than blocks, or the size cannot be determined.
 */
export function blockTokensOf(
  file: string,
  rows: readonly BlockedRow[],
  asked: number | undefined,
): { readonly blockTokens: number; readonly notes: readonly string[] } {
  const blocked = rows.filter(({ ids }) => ids > 0);
  const blockTokens = asked ?? inferred(file, blocked);
  const surplus = blocked.find(({ ids, inputTokens }) => ids > Math.ceil(inputTokens / blockTokens));
  if (surplus !== undefined) throw tooMany(file, surplus, blockTokens);
  const missing = blocked.filter(({ ids, inputTokens }) => ids < Math.floor(inputTokens / blockTokens));
  const notes: string[] = [];
  if (asked === undefined && blockTokens !== mooncakeBlockTokens) {
    notes.push(
      `a hash id stands for ${count(blockTokens, 'token')}, inferred from the lengths and numbers of ids`,
    );
  }
  if (missing.length > 0) {
    notes.push(
      `${count(missing.length, 'row')} have fewer hash ids than blocks of ${count(blockTokens, 'token')} (the first is line ${missing[0]?.line}): the rest of each prompt is unique`,
    );
  }
  return { blockTokens, notes };
}

function inferred(file: string, rows: readonly BlockedRow[]): number {
  if (rows.length === 0) return mooncakeBlockTokens;
  // If every block has an id, including a partial last block, as in Mooncake's files.
  const everyBlock = common(rows, ({ inputTokens, ids }) => ({
    low: Math.ceil(inputTokens / ids),
    high: ids === 1 ? Number.POSITIVE_INFINITY : Math.floor((inputTokens - 1) / (ids - 1)),
  }));
  // If only full blocks have ids, as in prefix caches.
  const fullBlocks = common(rows, ({ inputTokens, ids }) => ({
    low: Math.floor(inputTokens / (ids + 1)) + 1,
    high: Math.floor(inputTokens / ids),
  }));
  const size = usualSize(everyBlock) ?? usualSize(fullBlocks) ?? onlySize(everyBlock) ?? onlySize(fullBlocks);
  if (size !== undefined) return size;
  const surplus = rows.find(({ ids, inputTokens }) => ids > Math.ceil(inputTokens / mooncakeBlockTokens));
  if (surplus === undefined) return mooncakeBlockTokens;
  throw tooMany(file, surplus, mooncakeBlockTokens);
}

function common(rows: readonly BlockedRow[], sizesOf: (row: BlockedRow) => Sizes): Sizes {
  return rows.map(sizesOf).reduce((all, { low, high }) => ({
    low: Math.max(all.low, low),
    high: Math.min(all.high, high),
  }));
}

/** 512 if it is consistent, otherwise the power of two that is. */
function usualSize({ low, high }: Sizes): number | undefined {
  if (low > high) return undefined;
  if (low <= mooncakeBlockTokens && mooncakeBlockTokens <= high) return mooncakeBlockTokens;
  // A row of two or more blocks allows only sizes within a factor of two, and so a single power of two. Rows of one
  // block make no difference.
  const power = 2 ** Math.ceil(Math.log2(low));
  return power <= high ? power : undefined;
}

function onlySize({ low, high }: Sizes): number | undefined {
  return low === high ? low : undefined;
}

function tooMany(file: string, { line, inputTokens, ids }: BlockedRow, blockTokens: number): Error {
  const blocks = Math.ceil(inputTokens / blockTokens);
  return wrongFile(
    { file, line },
    `${count(inputTokens, 'token')} are ${count(blocks, 'block')} of ${blockTokens}, but hash_ids has ${ids}`,
    'pass the number of tokens per hash id as --trace-block-size',
  );
}
