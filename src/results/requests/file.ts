import { createReadStream, createWriteStream } from 'node:fs';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SchemaElement } from 'hyparquet';
import { fillFileAtomically } from '../../atomic-file.ts';
import { InputError, messageOf } from '../../errors.ts';
import { type RequestRecord, requestFields, requestRecordSchema } from '../../load/index.ts';
import { reasonFor } from '../../schema-words.ts';

/** A file of requests: one record for each. */
interface RequestFormat {
  /** Fills a file, in parts of limited size. */
  readonly write: (file: string, records: Iterable<RequestRecord>) => Promise<void>;
  /** Throws InputError for what is not such a file. */
  readonly read: (
    file: string,
  ) => AsyncIterable<{ readonly place: { line?: number }; readonly value: unknown }>;
}

/** Records per part of a file. */
const partLength = 5000;

const formats: Readonly<Record<string, RequestFormat>> = {
  '.jsonl': { write: writeLines, read: readLines },
  '.parquet': { write: writeParquet, read: readParquet },
};

/** The endings of names that say what a file of requests looks like. */
export const requestFileEndings = Object.keys(formats);

/** The format that the name of a file implies. Throws InputError. */
export function requestFormatOf(file: string): RequestFormat {
  const format = formats[extname(file)];
  if (format === undefined)
    throw new InputError(`${file}: a file of requests ends in ${requestFileEndings.join(' or ')}`);
  return format;
}

/** Writes records to a file, which appears when it is complete. Throws WorkError with the path. */
export async function writeRequests(file: string, records: Iterable<RequestRecord>): Promise<void> {
  const { write } = requestFormatOf(file);
  await fillFileAtomically(file, async (temporary) => await write(temporary, records));
}

/** Reads a file of requests. Throws InputError with the line. */
export async function* readRequests(file: string): AsyncGenerator<RequestRecord> {
  for await (const { place, value } of requestFormatOf(file).read(file)) {
    const parsed = requestRecordSchema.safeParse(value);
    if (!parsed.success)
      throw new InputError([
        {
          file,
          ...place,
          message: `not a request: ${reasonFor(parsed.error)}`,
          hint: 'read files that bench serve --save-requests wrote',
        },
      ]);
    yield parsed.data;
  }
}

async function writeLines(file: string, records: Iterable<RequestRecord>): Promise<void> {
  const lines = function* () {
    for (const record of records) yield `${JSON.stringify(record)}\n`;
  };
  await pipeline(Readable.from(lines(), { objectMode: true, highWaterMark: 64 }), createWriteStream(file));
}

async function* readLines(file: string) {
  const lines = createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let line = 0;
  try {
    for await (const text of lines) {
      line += 1;
      if (text === '') continue;
      yield { place: { line }, value: jsonOf(file, line, text) };
    }
  } catch (error) {
    throw error instanceof InputError ? error : unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): InputError {
  return new InputError([{ file, message: `cannot read the requests: ${messageOf(error)}` }]);
}

function jsonOf(file: string, line: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError([{ file, line, message: `not JSON: ${messageOf(error)}` }]);
  }
}

/** The Parquet type of each field. */
function elementOf(name: (typeof requestFields)[number]): SchemaElement {
  const schema = requestRecordSchema.shape[name];
  const sample = [0.5, 1, 'completed'].filter((value) => schema.safeParse(value).success);
  const type: Partial<SchemaElement> = sample.includes(0.5)
    ? { type: 'DOUBLE' }
    : sample.includes(1)
      ? { type: 'INT32' }
      : { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  return { name, repetition_type: 'OPTIONAL', ...type };
}

async function writeParquet(file: string, records: Iterable<RequestRecord>): Promise<void> {
  const { fileWriter, ParquetWriter } = await import('hyparquet-writer');
  const schema = [{ name: 'requests', num_children: requestFields.length }, ...requestFields.map(elementOf)];
  const writer = new ParquetWriter({ writer: fileWriter(file), schema });
  let part: RequestRecord[] = [];
  const flush = async (): Promise<void> => {
    const columnData = requestFields.map((name) => ({ name, data: part.map((record) => record[name]) }));
    await writer.write({ columnData, rowGroupSize: part.length });
    part = [];
  };
  for (const record of records) {
    part.push(record);
    if (part.length === partLength) await flush();
  }
  if (part.length > 0) await flush();
  await writer.finish();
}

async function* readParquet(file: string) {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  try {
    const buffer = await asyncBufferFromFile(file);
    const metadata = await parquetMetadataAsync(buffer);
    const rows = Number(metadata.num_rows);
    for (let rowStart = 0; rowStart < rows; rowStart += partLength) {
      const rowEnd = Math.min(rows, rowStart + partLength);
      for (const value of await parquetReadObjects({ file: buffer, metadata, rowStart, rowEnd }))
        yield { place: {}, value };
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}
