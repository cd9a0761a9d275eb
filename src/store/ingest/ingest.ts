import { basename, join, resolve } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { WholeChangelog, workingChangelog } from '../../changelog/index.ts';
import { InputError, messageOf } from '../../errors.ts';
import { dialectOf } from '../dialect.ts';
import { counts } from '../queries/counts.ts';
import type { Schema } from '../schema.ts';
import { artifactFacts, type IngestOptions } from './artifact-facts.ts';
import { type ArtifactFacts, mayHoldResults, readArtifacts } from './artifacts.ts';
import { incomingChangelog } from './changelog.ts';
import type { FileSet, SourceFile } from './files/file-set.ts';
import { openFiles } from './files/open.ts';
import type { Incoming } from './incoming.ts';
import { readSweepFiles, refusedSweepFiles, type SweepFiles } from './sweep-files.ts';
import { type IngestOutcome, nothingIngested, sumOf, write } from './write.ts';
import { writing } from './writing.ts';

/** Minimum number of new measurements that can change query plans. */
const fewAdded = 1_000;

/**
 * Ingests a run directory in one transaction; a malformed file is left out with its reason.
 * Throws InputError if there is no run, and WorkError if the store cannot be written.
 */
export async function ingestSweep(db: Kysely<Schema>, runDirectory: string): Promise<IngestOutcome> {
  return await ingest(db, runDirectory, { only: 'run' });
}

/**
 * Ingests everything at a path: run directories, a CI run's artifacts (a zip, or a folder of zips or of their
 * content), lists of aggregate rows, eval rows, perf-changelog.yaml. Ingesting the same again adds nothing; a
 * malformed file is quarantined with its reason and the rest is stored.
 * Throws InputError if nothing there can be read, and WorkError if the store cannot be written; parts already
 * written stay, and ingesting again continues from there.
 */
export async function ingest(
  db: Kysely<Schema>,
  path: string,
  options: IngestOptions = {},
): Promise<IngestOutcome> {
  let outcome = nothingIngested;
  for await (const part of partsOf(path, options)) {
    outcome = sumOf(outcome, await writePart(db, part, path, options));
    options.onProgress?.(outcome);
  }
  await analyzeAfter(db, outcome);
  return outcome;
}

async function writePart(
  db: Kysely<Schema>,
  part: Incoming,
  path: string,
  { uploadedAs = basename(path) }: IngestOptions,
): Promise<IngestOutcome> {
  return await writing(
    db,
    `cannot add ${path} to the store`,
    async (transaction) => await write(transaction, part, uploadedAs, Date.now()),
  );
}

/**
 * Updates PostgreSQL's statistics after many additions; its own update comes minutes later, and until then it
 * plans badly.
 */
async function analyzeAfter(db: Kysely<Schema>, { added }: IngestOutcome): Promise<void> {
  if (added < fewAdded || dialectOf(db) !== 'postgres') return;
  // Every row of this table was updated, which leaves dead rows.
  await sql`vacuum (analyze) latest`.execute(db);
  const { points } = await counts(db, undefined);
  if (added * 10 >= points) await sql`analyze`.execute(db);
}

async function* partsOf(path: string, options: IngestOptions): AsyncGenerator<Incoming> {
  if (/\.ya?ml$/.test(path)) {
    yield await readChangelog(path, options);
    return;
  }
  const set = await openFiles(path, options.mostUnpackedBytes);
  try {
    const { runs, others } = sorted(set);
    if (options.only === 'run' && !runs.has(''))
      throw new InputError([
        {
          code: 'not-a-result',
          file: join(path, 'sweep.json'),
          message: 'not a sweep: there is no such file',
        },
      ]);
    const facts = artifactFacts(path, options);
    const plain = [...others];
    for (const [root, files] of runs) {
      try {
        const run = await readSweepFiles(files, join(resolve(path), root));
        yield options.uploadedAs === undefined ? run : { ...run, sweep: { ...run.sweep, location: null } };
      } catch (error) {
        if (options.only === 'run')
          throw new InputError(
            [{ file: join(path, root, 'sweep.json'), message: messageOf(error) }],
            undefined,
            { code: 'not-a-result' },
          );
        const refused = await refusedSweepFiles(files, messageOf(error));
        plain.push(...refused.others);
        yield { ...emptyPart(facts), quarantined: refused.quarantined };
      }
    }
    if (options.only === 'run') return;
    const parts = readArtifacts(plain, facts);
    for await (const part of parts) if (!isEmpty(part)) yield part;
    if (runs.size === 0 && set.refused.length === 0 && !others.some(mayHoldResults))
      yield {
        ...emptyPart(facts),
        quarantined: [{ file: options.uploadedAs ?? basename(path), reason: nothingThere }],
      };
    if (set.refused.length > 0) yield { ...emptyPart(facts), quarantined: set.refused };
  } finally {
    await set.close();
  }
}

const nothingThere = 'it contains no run and no .json, .jsonl or .zip file';

/** Groups files by run directory, and returns the files outside of any. */
function sorted({ files }: FileSet): {
  readonly runs: ReadonlyMap<string, SweepFiles>;
  readonly others: readonly SourceFile[];
} {
  const runs = new Map<string, Map<string, SourceFile>>();
  for (const { path } of files) {
    if (basename(path) === 'sweep.json') runs.set(path.slice(0, -'sweep.json'.length), new Map());
  }
  const others: SourceFile[] = [];
  for (const file of files) {
    const root = rootOf(file.path, runs);
    if (root === undefined) others.push(file);
    else runs.get(root)?.set(file.path.slice(root.length), file);
  }
  return { runs, others };
}

/** The innermost run directory that contains a path. */
function rootOf(path: string, runs: ReadonlyMap<string, unknown>): string | undefined {
  for (let end = path.lastIndexOf('/') + 1; ; end = path.lastIndexOf('/', end - 2) + 1) {
    const folder = path.slice(0, end);
    if (runs.has(folder)) return folder;
    if (end === 0) return undefined;
  }
}

function emptyPart({ sweep }: ArtifactFacts): Incoming {
  return { sweep, measured: [], sessions: [], attempts: [], evals: [], changelog: [], quarantined: [] };
}

function isEmpty({ measured, evals, changelog, quarantined }: Incoming): boolean {
  return measured.length + evals.length + changelog.length + quarantined.length === 0;
}

async function readChangelog(path: string, options: IngestOptions): Promise<Incoming> {
  const changelog = await WholeChangelog.of(await workingChangelog(path));
  const entries = changelog.check().map(({ entry }) => entry);
  return {
    ...emptyPart(artifactFacts(path, options)),
    changelog: incomingChangelog(entries, (index) => index),
  };
}
