import { z } from 'zod';
import { parseJson } from '../../bounded-json.ts';
import { defined } from '../../defined/defined.ts';
import {
  type CollectedEval,
  countedResults,
  evalsOfJob,
  isHarnessFile,
  jobFileName,
  type ResultFile,
} from '../../evals/index.ts';
import { rawResultFields } from '../../load/result-schema.ts';
import type { AggregateRow } from '../../results/index.ts';
import { reasonFor } from '../../schema-words.ts';
import { changelogSchema, incomingChangelog } from './changelog.ts';
import { incomingEval, isEvalRow } from './evals.ts';
import type { SourceFile } from './files/file-set.ts';
import { isArchive } from './files/open.ts';
import { orQuarantined } from './files/reading.ts';
import type { Incoming, IncomingMeasurement } from './incoming.ts';
import { measuredOf } from './measured.ts';
import { readRow } from './sweep-files.ts';

/** Limits on a batch: the number of measurements, and the size of their files in bytes. */
const together = { measurements: 10_000, bytes: 64 * 1024 * 1024 };

type Parts = {
  readonly [part in 'measured' | 'evals' | 'changelog' | 'quarantined']: Incoming[part][number][];
};
const nothing = (): Parts => ({ measured: [], evals: [], changelog: [], quarantined: [] });

/** Facts about artifacts that their files do not contain. */
export interface ArtifactFacts {
  readonly sweep: Incoming['sweep'];
  /** Unix time in milliseconds; by default the file's time. */
  readonly measuredAt?: number;
  /** Makes a row for a raw result that has none, or throws an error with the reason. */
  readonly rowOf?: (raw: unknown) => AggregateRow;
}

/**
 * Reads the files of CI jobs in any folders: aggregate rows (alone, in lists or next to their raw results),
 * eval rows and changelog metadata. A JSON file of another kind is quarantined with its reason.
 */
export async function* readArtifacts(
  files: readonly SourceFile[],
  facts: ArtifactFacts,
): AsyncGenerator<Incoming> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const incoming = (parts: Parts): Incoming => ({ sweep: facts.sweep, sessions: [], attempts: [], ...parts });
  let parts = nothing();
  let bytes = 0;
  for (const file of files) {
    bytes += mayHoldResults(file) ? file.bytes : 0;
    for await (const found of readFile(file, byPath, facts)) {
      parts.measured.push(...found.measured);
      parts.evals.push(...found.evals);
      parts.changelog.push(...found.changelog);
      parts.quarantined.push(...found.quarantined);
      if (parts.measured.length < together.measurements && bytes < together.bytes) continue;
      yield incoming(parts);
      parts = nothing();
      bytes = 0;
    }
  }
  yield incoming(parts);
}

/** Whether a file is read; logs, images and other files next to results are skipped. */
export function mayHoldResults({ path }: SourceFile): boolean {
  return /\.jsonl?$/i.test(path) || isArchive(path);
}

async function* readFile(
  file: SourceFile,
  byPath: ReadonlyMap<string, SourceFile>,
  facts: ArtifactFacts,
): AsyncGenerator<Parts> {
  const parts = nothing();
  if (isArchive(file.path)) {
    const reason = 'nested archives are not opened; send it separately, or put both into a folder';
    yield { ...parts, quarantined: [{ file: file.path, reason }] };
    return;
  }
  if (/\.jsonl$/i.test(file.path)) {
    yield* readLines(file, facts);
    return;
  }
  if (!/\.json$/i.test(file.path)) return;
  const rowFile = rowPathsOf(file.path).flatMap((path) => byPath.get(path) ?? [])[0];
  // This row is read together with its raw result.
  if (rawPathsOf(file.path).some((path) => byPath.has(path))) return;
  const folder = folderOf(file.path);
  if (file.path === `${folder}${jobFileName}`) {
    const results = [...byPath.values()].filter(({ path }) => isBeside(path, file.path));
    // If the run has a collected file, it contains the rows of all its jobs.
    if (!isCollected(byPath)) yield await readEvalJob(file, results, facts);
    return;
  }
  await orQuarantined(file, parts.quarantined, async (text) => {
    // Read together with its job.
    if (byPath.has(`${folder}${jobFileName}`) && isHarnessFile(parseJson(text))) return;
    if (rowFile !== undefined) parts.measured.push(measuredOf(text, await readRow(rowFile), at(file, facts)));
    else sortText(text, file, facts, parts);
  });
  yield parts;
}

const folderOf = (path: string) => path.replace(/[^/]*$/, '');

function isBeside(path: string, other: string): boolean {
  return path !== other && folderOf(path) === folderOf(other) && /\.json$/i.test(path);
}

function isCollected(byPath: ReadonlyMap<string, SourceFile>): boolean {
  return [...byPath.keys()].some((path) => /(^|\/)agg_eval_[^/]*\.json$/.test(path));
}

/**
 * Converts a row for the store: an unknown length or concurrency is absent instead of 0, and the flexible
 * match is the score if it is the only one.
 */
function storedEval({ isl, osl, conc, ...row }: CollectedEval) {
  const unlessZero = (count: CollectedEval[string] | undefined) => (count === 0 ? undefined : count);
  const onlyFlexible = row.score_name === null && row.em_flexible !== null;
  return {
    ...row,
    ...defined({ isl: unlessZero(isl), osl: unlessZero(osl), conc: unlessZero(conc) }),
    ...defined({
      score_name: onlyFlexible ? 'em_flexible' : undefined,
      score: onlyFlexible ? row.em_flexible : undefined,
      score_se: onlyFlexible ? row.em_flexible_se : undefined,
    }),
  };
}

/**
 * Reads the accuracy rows of an lm-evaluation-harness job from its `meta_env.json` and the results next to
 * it.
 */
async function readEvalJob(
  jobFile: SourceFile,
  beside: readonly SourceFile[],
  facts: ArtifactFacts,
): Promise<Parts> {
  const parts = nothing();
  await orQuarantined(jobFile, parts.quarantined, async (text) => {
    const job = parseJson(text);
    const results: ResultFile[] = [];
    for (const file of beside) {
      // A file that is not JSON is quarantined when it is read on its own.
      const value = await orQuarantined(file, [], (content) => parseJson(content));
      if (isHarnessFile(value)) results.push({ path: file.path, modifiedMs: file.modifiedAt, value });
    }
    for (const { file, concurrency } of countedResults(job, results)) {
      const measuredAt = facts.measuredAt ?? file.modifiedMs;
      const scored = evalsOfJob(job, file, concurrency).map(storedEval);
      for (const row of scored) if (row.score_name !== null) parts.evals.push(incomingEval(row, measuredAt));
    }
  });
  return parts;
}

/** Where the row of a raw result may be: next to it or, in run directories, in `agg/` next to `raw/`. */
const rowPathsOf = (path: string): readonly string[] => [
  path.replace(/([^/]*)$/, 'agg_$1'),
  ...moved(path, /(^|\/)raw\/([^/]*)$/, '$1agg/agg_$2'),
];
/** Where the raw result of a row may be. */
const rawPathsOf = (path: string): readonly string[] => [
  ...moved(path, /(^|\/)agg_([^/]*)$/, '$1$2'),
  ...moved(path, /(^|\/)agg\/agg_([^/]*)$/, '$1raw/$2'),
];

function moved(path: string, from: RegExp, to: string): readonly string[] {
  return from.test(path) ? [path.replace(from, to)] : [];
}

/** Reads JSON lines, for more rows than fit into one JSON text. */
async function* readLines(file: SourceFile, facts: ArtifactFacts): AsyncGenerator<Parts> {
  const content = await file.read();
  let parts = nothing();
  let line = 0;
  for (let from = 0; from < content.length; ) {
    const end = content.indexOf(10, from);
    const to = end === -1 ? content.length : end;
    line += 1;
    const text = content.toString('utf8', from, to);
    from = to + 1;
    if (text.trim() === '') continue;
    try {
      sortText(text, file, facts, parts);
    } catch (error) {
      parts.quarantined.push({
        file: `${file.path}:${line}`,
        reason: reasonFor(error),
        content: Buffer.from(text),
      });
    }
    if (parts.measured.length < together.measurements) continue;
    yield parts;
    parts = nothing();
  }
  yield parts;
}

/** The fields by which raw results of any tool are recognised. */
const rawShape = rawResultFields
  .pick({ total_token_throughput: true })
  .extend({ max_concurrency: z.unknown() })
  .loose();
const invalidShape = z.looseObject({ fidelity: z.looseObject({ verdict: z.literal('invalid') }) });
const changelogShape = z.looseObject({ changelog_metadata: changelogSchema });

/**
 * Adds the content of a JSON text to the right part; throws an error with the reason if its kind
 * is unknown.
 */
function sortText(text: string, file: SourceFile, facts: ArtifactFacts, parts: Parts): void {
  const value: unknown = parseJson(text);
  if (rawShape.safeParse(value).success) parts.measured.push(rawAlone(value, text, file.path, file, facts));
  else sort(value, file, facts, parts);
}

/** A raw result without a row. An invalid one has none; otherwise the row is made from the caller's facts. */
function rawAlone(
  value: unknown,
  text: string,
  name: string,
  file: SourceFile,
  facts: ArtifactFacts,
): IncomingMeasurement {
  const where = { ...at(file, facts), file: name };
  if (invalidShape.safeParse(value).success) return measuredOf(text, undefined, where);
  if (facts.rowOf === undefined)
    throw new Error(
      'a raw result without its aggregate row; describe the server with --hardware and the options after it, or create the row with `inferencemax results process`',
    );
  return measuredOf(text, facts.rowOf(value), where);
}

/**
 * Adds a JSON value, or each item of a list, to the right part; throws an error with the reason if it is of
 * no known kind.
 */
function sort(value: unknown, file: SourceFile, facts: ArtifactFacts, parts: Parts): void {
  if (Array.isArray(value) && value.some(isResult)) {
    for (const [index, one] of value.entries())
      sortElement(one, `${file.path}[${index}]`, file, facts, parts);
    return;
  }
  if (Array.isArray(value) && value.length === 0) return;
  sortOne(value, file.path, file, facts, parts);
}

function sortElement(
  value: unknown,
  name: string,
  file: SourceFile,
  facts: ArtifactFacts,
  parts: Parts,
): void {
  try {
    sortOne(value, name, file, facts, parts);
  } catch (error) {
    const content = Buffer.from(JSON.stringify(value));
    parts.quarantined.push({ file: name, reason: reasonFor(error), content });
  }
}

function sortOne(value: unknown, name: string, file: SourceFile, facts: ArtifactFacts, parts: Parts): void {
  const { measuredAt } = at(file, facts);
  if (isRow(value)) {
    parts.measured.push(measuredOf(undefined, value, { file: name, measuredAt }));
    return;
  }
  if (isEvalRow(value)) {
    parts.evals.push(incomingEval(value, measuredAt));
    return;
  }
  const changelog = changelogShape.safeParse(value);
  if (changelog.success) {
    parts.changelog.push(...incomingChangelog(changelog.data.changelog_metadata.entries));
    return;
  }
  if (rawShape.safeParse(value).success) {
    parts.measured.push(rawAlone(value, JSON.stringify(value), name, file, facts));
    return;
  }
  if (isHarnessFile(value))
    throw new Error(`a result of lm-evaluation-harness without the ${jobFileName} of its job next to it`);
  throw new Error('neither aggregate rows, raw results, eval rows nor changelog metadata');
}

function isResult(value: unknown): boolean {
  return isRow(value) || isEvalRow(value) || rawShape.safeParse(value).success;
}

function isRow(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'tput_per_gpu' in value && 'hw' in value;
}

function at(file: SourceFile, { measuredAt }: ArtifactFacts): { file: string; measuredAt: number } {
  return { file: file.path, measuredAt: measuredAt ?? file.modifiedAt };
}
