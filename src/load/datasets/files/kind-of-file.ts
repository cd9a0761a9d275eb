import { csvTraceOf } from './csv-traces.ts';
import { fieldsOf, kindOfRow } from './fields.ts';
import { describe, wrongFile } from './problem.ts';
import { recordsOf } from './records.ts';
import { openTextFile } from './text-file.ts';

/** The name of the kind of data set that reads a file, from its first row. Throws LoadError if none does. */
export async function kindOfFile(path: string): Promise<string> {
  await using file = await openTextFile(path);
  const csv = csvTraceOf(file.firstLine);
  if (csv !== undefined) return csv.kind;
  for await (const { value, line } of recordsOf(file, { isRow: isKnownRow })) {
    const kind = kindOfRow(value);
    if (kind !== undefined) return kind;
    throw wrongFile(
      { file: path, line },
      `this is ${describe(value)}, which no kind of data set has`,
      'name the kind of file with --dataset-name',
    );
  }
  throw wrongFile({ file: path, line: 1 }, 'the file is empty');
}

/** A turn of a conversation also has fields of a prompt, but is part of a row. */
function isKnownRow(element: unknown): boolean {
  const fields = fieldsOf(element);
  const isTurn =
    fields?.role !== undefined || fields?.from !== undefined || fields?.input_tokens !== undefined;
  return fields !== undefined && !isTurn && kindOfRow(fields) !== undefined;
}
