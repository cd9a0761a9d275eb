import { InputError } from '../../errors.ts';
import { reasonOf } from '../read-json.ts';
import { aiperf } from './aiperf.ts';
import type { ImportContext, ImportedResult, ResultFormat } from './format.ts';
import { guidellm } from './guidellm.ts';
import { sglang } from './sglang.ts';
import { publicClient, vllm } from './vllm.ts';

/** Every tool whose results can be imported; adding one is a file and its name here. */
export const formats: readonly ResultFormat[] = [publicClient, vllm, sglang, aiperf, guidellm];

export interface ImportOptions extends ImportContext {
  /** The tool that wrote it; told by its shape where it is not given. */
  readonly from?: string;
}

/**
 * The raw results (contract §4) in a file of another tool, JSON or JSON lines, each with the tool in `source`.
 * Throws InputError where the file is of no tool that is known, or not what that tool writes.
 */
export function importResults(file: string, text: string, options: ImportOptions): ImportedResult[] {
  const documents = documentsOf(file, text);
  if (documents.length === 0) throw new InputError([{ file, message: 'it holds nothing' }]);
  return documents.flatMap((document, index) => {
    const place = documents.length === 1 ? file : `${file}, result ${index + 1}`;
    const format = formatOf(place, document, options.from);
    try {
      return format.read(document, options);
    } catch (error) {
      throw new InputError([{ file: place, message: `not ${format.title}: ${reasonOf(error)}` }]);
    }
  });
}

function formatOf(file: string, document: unknown, from: string | undefined): ResultFormat {
  const known = formats.map(({ tool }) => tool).join(', ');
  if (from !== undefined) {
    const named = formats.find(({ tool }) => tool === from);
    if (named === undefined)
      throw new InputError(`no results of '${from}' can be imported`, `of ${known} they can`);
    return named;
  }
  const isObject = typeof document === 'object' && document !== null;
  const found = isObject && formats.find(({ recognises }) => recognises({ ...document }));
  if (found) return found;
  throw new InputError([
    {
      file,
      message: `not a result of any tool that is known: ${known}`,
      hint: 'name the tool with --from to see what is missing',
    },
  ]);
}

/** A JSON value, the elements of a list, or a value on every line. */
function documentsOf(file: string, text: string): unknown[] {
  try {
    return [parse(text)].flat();
  } catch (whole) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2) throw new InputError([{ file, message: `not JSON: ${reasonOf(whole)}` }]);
    return lines.map((line, index) => {
      try {
        return parse(line);
      } catch (error) {
        throw new InputError([{ file, line: index + 1, message: `not JSON: ${reasonOf(error)}` }]);
      }
    });
  }
}

/** Python writes numbers that are none of JSON's: an unbounded rate, or the mean of nothing. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const repaired = text
      .replaceAll(/(?<=[:[,]\s*)Infinity(?=\s*[,\]}])/g, '"Infinity"')
      .replaceAll(/(?<=[:[,]\s*)-?(?:NaN|Infinity)(?=\s*[,\]}])/g, 'null');
    if (repaired === text) throw error;
    return JSON.parse(repaired);
  }
}
