import { parseJson } from '../../bounded-json.ts';
import { defined } from '../../defined/defined.ts';
import { reasonFor } from '../../schema-words.ts';
import { type IncomingEval, incomingEval } from './evals.ts';
import type { SourceFile } from './files/file-set.ts';
import { orQuarantined } from './files/reading.ts';
import type { Incoming, IncomingMeasurement, QuarantinedFile } from './incoming.ts';
import { type JournalFacts, readJournal } from './journal.ts';
import { measuredOf } from './measured.ts';
import { plannedParts, type SweepFile, sweepFileSchema } from './sweep-file.ts';

/** The files of a run directory (ARCHITECTURE.md, "A sweep on disk"), by their relative paths. */
export type SweepFiles = ReadonlyMap<string, SourceFile>;

/** Reads a run directory. Throws an error with the reason if its `sweep.json` is invalid. */
export async function readSweepFiles(files: SweepFiles, location: string): Promise<Incoming> {
  const sweep = await readSweep(files);
  const plan = plannedParts(sweep);
  const quarantined: QuarantinedFile[] = [];
  const journal = await orQuarantined(files.get('journal.jsonl'), quarantined, (text) =>
    readJournal(text, plan),
  );
  const created = Date.parse(sweep.createdAt);
  return {
    sweep: {
      key: sweep.sweepId,
      created_at: created,
      command: sweep.command,
      source: 'run',
      git_sha: sweep.gitSha ?? null,
      git_ref: sweep.gitRef ?? null,
      location,
      planned: sweep.plan === undefined ? null : plan.points.size,
      state: journal?.state ?? 'unknown',
    },
    measured: await readMeasurements(files, created, journal, quarantined),
    sessions: journal?.sessions ?? [],
    attempts: journal?.attempts ?? [],
    evals: await readEvals(files, quarantined),
    changelog: [],
    quarantined,
  };
}

async function readSweep(files: SweepFiles): Promise<SweepFile> {
  try {
    const text = await files.get('sweep.json')?.read();
    if (text === undefined) throw new Error('sweep.json is missing');
    return sweepFileSchema.parse(parseJson(text.toString('utf8')));
  } catch (error) {
    throw new Error(`not a sweep: ${reasonFor(error)}`);
  }
}

/**
 * For a run directory with an unreadable `sweep.json`: the files to quarantine, and those that do not belong
 * to the run. Its results are not stored as artifacts, because they would then belong to the wrong sweep
 * forever; once `sweep.json` is repaired, they are stored as part of the run.
 */
export async function refusedSweepFiles(
  files: SweepFiles,
  reason: string,
): Promise<{ readonly quarantined: readonly QuarantinedFile[]; readonly others: readonly SourceFile[] }> {
  const quarantined: QuarantinedFile[] = [];
  const others: SourceFile[] = [];
  for (const [path, file] of files) {
    const isOfRun = path === 'journal.jsonl' || /^(raw|agg|evals)\/[^/]*\.json$/.test(path);
    if (path !== 'sweep.json' && !isOfRun) {
      // Logs and other session files are not read from a good run either.
      if (!/^(sessions|power)\//.test(path)) others.push(file);
      continue;
    }
    const why = isOfRun ? `the sweep.json of its run cannot be used: ${reason}` : reason;
    await orQuarantined(file, quarantined, () => {
      throw new Error(why);
    });
  }
  return { quarantined, others };
}

async function readMeasurements(
  files: SweepFiles,
  createdAt: number,
  journal: JournalFacts | undefined,
  quarantined: QuarantinedFile[],
): Promise<IncomingMeasurement[]> {
  const measured: IncomingMeasurement[] = [];
  for (const path of jsonPaths(files, 'raw/')) {
    const rowFile = files.get(`agg/agg_${path.slice('raw/'.length)}`);
    const attempt = journal?.attempts.find((one) => one.file === path);
    const one = await orQuarantined(files.get(path), quarantined, async (text) =>
      measuredOf(text, rowFile === undefined ? undefined : await readRow(rowFile), {
        file: path,
        measuredAt: createdAt,
        ...defined({
          configuration: attempt?.configuration === undefined ? undefined : attempt.configuration,
          conc: attempt?.conc == null ? undefined : attempt.conc,
        }),
      }),
    );
    if (one !== undefined) measured.push(one);
  }
  for (const path of jsonPaths(files, 'agg/agg_')) {
    if (!files.has(`raw/${path.slice('agg/agg_'.length)}`))
      quarantined.push({ file: path, reason: 'its raw result is missing' });
  }
  return measured;
}

/** Reads a row next to its raw result; throws an error with the reason if it is invalid. */
export async function readRow(file: SourceFile): Promise<unknown> {
  try {
    return parseJson((await file.read()).toString('utf8'));
  } catch (error) {
    throw new Error(`its aggregate row is invalid: ${reasonFor(error)}`);
  }
}

async function readEvals(files: SweepFiles, quarantined: QuarantinedFile[]): Promise<IncomingEval[]> {
  const evals: IncomingEval[] = [];
  for (const path of jsonPaths(files, 'evals/')) {
    const file = files.get(path);
    const rows = await orQuarantined(file, quarantined, (text) =>
      [parseJson(text)].flat().map((row) => incomingEval(row, file?.modifiedAt ?? 0)),
    );
    evals.push(...(rows ?? []));
  }
  return evals;
}

function jsonPaths(files: SweepFiles, folder: string): string[] {
  return [...files.keys()].filter(
    (path) => path.startsWith(folder) && path.endsWith('.json') && !path.slice(folder.length).includes('/'),
  );
}
