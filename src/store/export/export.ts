import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Kysely } from 'kysely';
import { InputError, messageOf, WorkError } from '../../errors.ts';
import type { PointFilter } from '../queries/filter.ts';
import { latestPoints, pointsPage, type StoredPoint } from '../queries/points.ts';
import type { Schema } from '../schema.ts';
import { parquetSink } from './parquet.ts';
import type { PointSink } from './sink.ts';
import { csvSink, jsonLinesSink, jsonSink } from './text.ts';

const sinks: Readonly<Record<string, (file: string) => Promise<PointSink>>> = {
  '.parquet': parquetSink,
  '.csv': csvSink,
  '.json': jsonSink,
  '.jsonl': jsonLinesSink,
};
export const exportFormats: readonly string[] = Object.keys(sinks);

/** Number of points read and written at once. */
const pageSize = 1000;
const pagesAtOnce = 20;

export interface ExportOptions {
  readonly filter?: PointFilter;
  /** Export only the latest point of every configuration and concurrency. */
  readonly latest?: boolean;
}

/**
 * Writes published points to a file, in the format of its extension; the file appears when it is complete.
 * Returns the number of points. Throws InputError for an unknown extension and WorkError if the file cannot
 * be written.
 */
export async function exportPoints(
  db: Kysely<Schema>,
  file: string,
  { filter = {}, latest = false }: ExportOptions = {},
): Promise<number> {
  const sink = sinks[extname(file).toLowerCase()];
  if (sink === undefined)
    throw new InputError(`unknown file extension of '${basename(file)}'; use ${exportFormats.join(', ')}`);
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  try {
    await mkdir(dirname(file), { recursive: true });
    const into = await sink(temporary);
    let written = 0;
    for await (const points of latest ? latestGroup(db, filter) : groups(db, filter)) {
      await into.write(points);
      written += points.length;
    }
    await into.close();
    await rename(temporary, file);
    return written;
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof InputError) throw error;
    throw new WorkError(`cannot export to ${file}: ${messageOf(error)}`, {
      code: 'store-failed',
      cause: error,
    });
  }
}

async function* latestGroup(db: Kysely<Schema>, filter: PointFilter): AsyncGenerator<StoredPoint[]> {
  yield await latestPoints(db, filter);
}

async function* groups(db: Kysely<Schema>, filter: PointFilter): AsyncGenerator<StoredPoint[]> {
  let group: StoredPoint[] = [];
  let cursor: string | undefined;
  do {
    const page = await pointsPage(db, filter, { limit: pageSize, cursor });
    group.push(...page.items);
    cursor = page.next;
    if (group.length < pageSize * pagesAtOnce && cursor !== undefined) continue;
    yield group;
    group = [];
  } while (cursor !== undefined);
}
