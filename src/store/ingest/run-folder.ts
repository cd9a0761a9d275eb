import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputError } from '../../errors.ts';
import { reasonOf } from '../../results/index.ts';
import { evalRowsSchema, type IncomingEval, incomingEval } from './evals.ts';
import type { Incoming, Measured, QuarantinedFile } from './incoming.ts';
import { type JournalFacts, readJournal } from './journal.ts';
import { measuredOf } from './measured.ts';
import { plannedParts, type SweepFile, sweepFileSchema } from './sweep-file.ts';

/** Reads a run directory (ARCHITECTURE.md, "A sweep on disk"). Throws InputError when it holds no sweep. */
export async function readRunFolder(runDirectory: string): Promise<Incoming> {
  const sweep = await readSweep(runDirectory);
  const plan = plannedParts(sweep);
  const quarantined: QuarantinedFile[] = [];
  const journal = await orQuarantined(
    runDirectory,
    'journal.jsonl',
    (text) => readJournal(text, plan),
    quarantined,
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
      location: resolve(runDirectory),
      planned: sweep.plan === undefined ? null : plan.points.size,
      state: journal?.state ?? 'unknown',
    },
    measured: await readMeasurements(runDirectory, created, journal, quarantined),
    sessions: journal?.sessions ?? [],
    attempts: journal?.attempts ?? [],
    evals: await readEvals(runDirectory, quarantined),
    changelog: [],
    quarantined,
  };
}

async function readSweep(runDirectory: string): Promise<SweepFile> {
  const file = join(runDirectory, 'sweep.json');
  try {
    return sweepFileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new InputError([{ file, message: `not a sweep: ${reasonOf(error)}` }]);
  }
}

async function readMeasurements(
  runDirectory: string,
  createdAt: number,
  journal: JournalFacts | undefined,
  quarantined: QuarantinedFile[],
): Promise<Measured[]> {
  const [raws, rows] = await Promise.all([
    jsonNames(join(runDirectory, 'raw')),
    jsonNames(join(runDirectory, 'agg')),
  ]);
  const measured: Measured[] = [];
  for (const name of raws) {
    const rowName = `agg_${name}`;
    const file = `raw/${name}`;
    const attempt = journal?.attempts.find((one) => one.file === file);
    const one = await orQuarantined(
      runDirectory,
      file,
      async (text) =>
        measuredOf(text, rows.has(rowName) ? await readRow(runDirectory, rowName) : undefined, {
          file,
          measuredAt: createdAt,
          ...(attempt?.configuration === undefined ? {} : { configuration: attempt.configuration }),
          ...(attempt?.conc == null ? {} : { conc: attempt.conc }),
        }),
      quarantined,
    );
    if (one !== undefined) measured.push(one);
  }
  for (const name of rows) {
    if (!raws.has(name.replace(/^agg_/, '')))
      quarantined.push({ file: `agg/${name}`, reason: 'its raw result is not there' });
  }
  return measured;
}

async function readRow(runDirectory: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(runDirectory, 'agg', name), 'utf8'));
  } catch (error) {
    throw new Error(`its aggregate row is none: ${reasonOf(error)}`);
  }
}

async function readEvals(runDirectory: string, quarantined: QuarantinedFile[]): Promise<IncomingEval[]> {
  const evals: IncomingEval[] = [];
  for (const name of await jsonNames(join(runDirectory, 'evals'))) {
    const rows = await orQuarantined(
      runDirectory,
      `evals/${name}`,
      (text) => evalRowsSchema.parse(JSON.parse(text)).map(incomingEval),
      quarantined,
    );
    evals.push(...(rows ?? []));
  }
  return evals;
}

async function jsonNames(folder: string): Promise<Set<string>> {
  const names = await readdir(folder).catch(() => []);
  return new Set(names.filter((name) => name.endsWith('.json')).toSorted());
}

/** What a file holds, or undefined: for a file that is not there, and for one that is not what it should be. */
async function orQuarantined<Value>(
  runDirectory: string,
  file: string,
  read: (text: string) => Value | Promise<Value>,
  quarantined: QuarantinedFile[],
): Promise<Value | undefined> {
  const content = await readFile(join(runDirectory, file)).catch(() => undefined);
  if (content === undefined) return undefined;
  try {
    return await read(content.toString('utf8'));
  } catch (error) {
    quarantined.push({ file, reason: reasonOf(error), content });
    return undefined;
  }
}
