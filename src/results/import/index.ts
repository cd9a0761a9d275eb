import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { InputError } from '../../errors.ts';
import { reasonFor } from '../../schema-words.ts';
import { jsonValues } from '../json-text.ts';
import { aiperf, aiperfRecords, genaiPerf } from './aiperf.ts';
import { UnreadableError } from './claim.ts';
import { type Fields, type ImportContext, plainFields, type ResultFormat, recognises } from './format.ts';
import { guidellm } from './guidellm.ts';
import { type ImportedResult, importedResult } from './imported-result.ts';
import { inferencePerf } from './inference-perf.ts';
import { llmperf } from './llmperf.ts';
import { otherFormats } from './other-formats.ts';
import { sglang } from './sglang.ts';
import { publicClient, vllm } from './vllm.ts';

/** Every tool's results that can be imported; adding one is a file and its name here. */
export const formats: readonly ResultFormat[] = [
  publicClient,
  vllm,
  sglang,
  aiperf,
  aiperfRecords,
  genaiPerf,
  guidellm,
  llmperf,
  inferencePerf,
];

export interface ImportOptions extends ImportContext {
  /** The tool that wrote it; by default recognised from the shape of the file. */
  readonly from?: string;
}

/** A result of another tool, and its implausible parts. */
export interface Imported {
  readonly tool: string;
  readonly result: ImportedResult;
  /** In words, with field and value; also among the reasons in the result. */
  readonly doubts: readonly string[];
}

/**
 * The raw results (contract §4) in a file of another tool, JSON or JSON lines, each with the tool in `source`; see
 * `readResults`.
 */
export function importResults(file: string, text: string, options: ImportOptions): ImportedResult[] {
  return readResults(file, text, options).map(({ result }) => result);
}

/**
 * The results in a file of another tool. Implausible values are dropped and reported. Throws InputError if the
 * tool is unknown, the file is not in its format, or nothing in it is plausible.
 */
export function readResults(file: string, text: string, options: ImportOptions): Imported[] {
  const documents = jsonValues(file, text).flatMap(({ value, line }) =>
    [value].flat().map((document: unknown) => ({ document, line })),
  );
  if (documents.length === 0) throw new InputError([{ code: 'not-a-result', file, message: 'it is empty' }]);
  return documents.flatMap(({ document, line }, index) => {
    const isOne = documents.length === 1;
    const problem = (message: string, hint?: string): InputError => {
      const place = isOne ? {} : { line };
      const which = isOne ? '' : `result ${index + 1} of ${documents.length}: `;
      return new InputError(
        [{ file, ...place, message: `${which}${message}`, ...defined({ hint }) }],
        undefined,
        { code: 'not-a-result' },
      );
    };
    const isObject = typeof document === 'object' && document !== null;
    const fields = attempt(() => (isObject ? plainFields(document) : {}), problem);
    const format = formatOf(fields, options.from, problem);
    const claims = attempt(
      () => format.read(fields, options),
      (reason) => problem(`not ${format.title}: ${reason}`),
    );
    return claims.map((claim, part) => {
      const which = claims.length === 1 ? '' : `benchmark ${part + 1} of ${claims.length}: `;
      const { result, doubts } = attempt(
        () => importedResult(claim),
        (reason) => problem(`${which}${format.title} cannot be believed: ${reason}`),
      );
      return { tool: format.tool, result, doubts };
    });
  });
}

type ProblemOf = (message: string, hint?: string) => InputError;

function attempt<T>(action: () => T, problem: (reason: string) => InputError): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof UnreadableError) throw problem(reasonFor(error));
    throw error;
  }
}

/** The format of a document, recognised from its fields; if `from` names the tool, only its formats are tried. */
function formatOf(fields: Fields, from: string | undefined, problem: ProblemOf): ResultFormat {
  const known = [...new Set(formats.map(({ tool }) => tool))].join(', ');
  const ofTool = formats.filter(({ tool }) => from === undefined || tool === from);
  const [first] = ofTool;
  if (first === undefined)
    throw new InputError(`no results of '${from}' can be imported`, `of ${known} they can`, {
      code: 'not-a-result',
    });
  const other = otherFormats.find((each) => recognises(each, fields));
  if (other !== undefined)
    throw problem(`it is ${other.title}, which is not imported: ${other.why}`, other.instead);
  const found = ofTool.find((each) => recognises(each, fields));
  if (found !== undefined) return found;
  if (from !== undefined) return first;
  throw problem(
    `not a result of a known tool: ${known}${nearest(fields)}`,
    'name the tool with --from to see what is missing',
  );
}

/** The format that matches most of the fields, and the fields that are missing. */
function nearest(fields: Fields): string {
  const [best] = formats
    .map(({ title, marks }) => ({
      title,
      has: marks.filter((mark) => mark in fields),
      lacks: marks.filter((mark) => !(mark in fields)),
    }))
    .filter(({ has }) => has.length > 0)
    .toSorted(
      (a, b) =>
        b.has.length / (b.has.length + b.lacks.length) - a.has.length / (a.has.length + a.lacks.length),
    );
  if (best === undefined) return '';
  const { title, has, lacks } = best;
  const missing = lacks.length === 0 ? 'has a different structure' : `lacks ${lacks.join(', ')}`;
  return `; the nearest is ${title}: it has ${has.join(', ')}, but ${missing}`;
}
