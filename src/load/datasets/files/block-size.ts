import { count, wrongFile } from './problem.ts';

/** What a row of a trace says of its blocks. */
export interface BlockedRow {
  readonly line: number;
  readonly inputTokens: number;
  /** How many hash ids it has. */
  readonly ids: number;
}

/** The tokens of a block in Mooncake's own traces. */
export const mooncakeBlockTokens = 512;

/** Block sizes that agree with every row: both included. */
interface Sizes {
  readonly low: number;
  readonly high: number;
}

/**
 * How many tokens a hash id stands for: what was asked, else what lengths and numbers of ids allow, 512 if they do.
 * Throws LoadError if a row has more ids than its tokens have blocks, or no size can be told.
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
    notes.push(`a hash id stands for ${count(blockTokens, 'token')}, as lengths and numbers of ids say`);
  }
  if (missing.length > 0) {
    notes.push(
      `${count(missing.length, 'row')} have fewer hash ids than blocks of ${count(blockTokens, 'token')} (the first is line ${missing[0]?.line}): what is left of each is tokens of its own`,
    );
  }
  return { blockTokens, notes };
}

function inferred(file: string, rows: readonly BlockedRow[]): number {
  if (rows.length === 0) return mooncakeBlockTokens;
  // An id for every block, the last one included even if it is not full: as Mooncake writes them.
  const everyBlock = common(rows, ({ inputTokens, ids }) => ({
    low: Math.ceil(inputTokens / ids),
    high: ids === 1 ? Number.POSITIVE_INFINITY : Math.floor((inputTokens - 1) / (ids - 1)),
  }));
  // Ids of full blocks only: as prefix caches count them.
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

/** 512 if it agrees, else the power of two that does. */
function usualSize({ low, high }: Sizes): number | undefined {
  if (low > high) return undefined;
  if (low <= mooncakeBlockTokens && mooncakeBlockTokens <= high) return mooncakeBlockTokens;
  // A row of two blocks or more allows sizes of a factor below two, so only one power of two; rows of one do not differ.
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
    'say with --trace-block-size how many tokens a hash id stands for',
  );
}
