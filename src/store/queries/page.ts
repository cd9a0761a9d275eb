import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { InputError } from '../../errors.ts';

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The cursor of the next page; absent on the last page. */
  readonly next?: string;
}

/** The requested page of a list. */
export interface PageRequest {
  /** Number of items, 1 to 1000; 100 by default. */
  readonly limit?: number | undefined;
  /** The `next` of the previous page. */
  readonly cursor?: string | undefined;
}

const largestPage = 1000;
const positionSchema = z.tuple([z.int(), z.int()]);

/** A position in a list ordered by time and then id: the last item returned. */
export type PagePosition = readonly [time: number, id: number];

/** The number of items of the requested page; throws InputError if it is out of range. */
export function pageLimit({ limit = 100 }: PageRequest): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > largestPage)
    throw new InputError(`a page has 1 to ${largestPage} items, not ${limit}`);
  return limit;
}

/**
 * The position that a cursor encodes, or undefined for the first page; throws InputError if the cursor is
 * invalid.
 */
export function positionOf({ cursor }: PageRequest): PagePosition | undefined {
  if (cursor === undefined) return undefined;
  try {
    return positionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new InputError(
      `'${cursor}' is not a cursor`,
      'pass the `next` of a page, or omit it for the first page',
    );
  }
}

/** Makes a page from rows, of which one more than the limit was read. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => PagePosition,
  item: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items: shown.map(item),
    ...defined({
      next: more ? Buffer.from(JSON.stringify(position(last))).toString('base64url') : undefined,
    }),
  };
}
