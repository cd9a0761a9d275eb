import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { isDatedAhead } from '../dated-ahead.ts';
import { InputError, type Problem } from '../errors.ts';
import { type EngineSession, type Plan, planSchema, sharings } from '../plan/index.ts';
import { reasonFor } from '../schema-words.ts';
import { finishedPoints, type JournalLine, readJournal } from './journal.ts';

/** What a sweep is: written when it is created, and again when a resume plans it anew. */
export interface Sweep {
  readonly sweepId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** What started it, such as `run` or `quickstart`. */
  readonly command: string;
  readonly plan: Plan;
  /** How often every point is measured (default 1). */
  readonly repeats?: number | undefined;
  /** Which sessions are run before others, by id: lower first (default 0). */
  readonly priorities?: Readonly<Record<string, number>> | undefined;
  /** Whether points that cannot change a Pareto frontier are skipped. */
  readonly adaptive?: boolean | undefined;
  /** What the plan was made of; absent in sweeps of 0.1. */
  readonly origin?: PlanOrigin | undefined;
}

/** What a plan was made of: configs, which can be planned again, or what was given once by an option of a command. */
export type PlanOrigin = z.infer<typeof originSchema>;

const originSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('configs'),
    configKeys: z.array(z.string()),
    configFiles: z.array(z.string()).optional(),
    runnerConfig: z.string().optional(),
    share: z.enum(sharings).optional(),
  }),
  z.object({ kind: z.enum(['--entries', '--plan', '--changelog', '--session']) }),
]);

const sweepFile = z.object({
  sweepId: z.string(),
  createdAt: z.iso.datetime(),
  command: z.string(),
  plan: planSchema,
  repeats: z.int().positive().optional(),
  priorities: z.record(z.string(), z.number()).optional(),
  adaptive: z.boolean().optional(),
  origin: originSchema.optional(),
}) satisfies z.ZodType<Sweep>;

/** Results that were measured without a plan, by `bench serve` or a script, and are kept in the files of a sweep. */
export type UnplannedSweep = Pick<Sweep, 'sweepId' | 'createdAt' | 'command'>;

const unplannedFile = z.object({ sweepId: z.string(), command: z.string(), plan: z.undefined() });

class WithoutPlanError extends InputError {
  constructor(path: string) {
    super(
      `${path} was measured without a plan, so it cannot be continued`,
      'its results are in raw/, agg/ and summary.md; run the command that measured it again',
    );
  }
}

/** The files of one sweep (ARCHITECTURE.md, "A sweep on disk"). */
export class SweepDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** What the sweep is. */
  get description(): string {
    return join(this.path, 'sweep.json');
  }
  /** Whether there is a sweep: a process that is killed as it writes one down leaves a folder without. */
  get isBegun(): boolean {
    return existsSync(this.description);
  }
  get journal(): string {
    return join(this.path, 'journal.jsonl');
  }
  get lock(): string {
    return join(this.path, 'run.lock');
  }
  get summary(): string {
    return join(this.path, 'summary.md');
  }
  get report(): string {
    return join(this.path, 'report.html');
  }
  get rows(): string {
    return join(this.path, 'agg');
  }
  /** What belongs to one session: its log, and the files its engine reads. */
  sessionFolder(session: EngineSession): string {
    return join(this.path, 'sessions', session.id);
  }
  engineLog(session: EngineSession): string {
    return join(this.sessionFolder(session), 'engine.log');
  }
  get evals(): string {
    return join(this.path, 'evals');
  }
  rawResult(resultFilename: string): string {
    return join(this.path, 'raw', `${resultFilename}.json`);
  }
  aggregateRow(resultFilename: string): string {
    return join(this.rows, `agg_${resultFilename}.json`);
  }

  async write(sweep: Sweep | UnplannedSweep): Promise<void> {
    await writeFileAtomically(this.description, `${JSON.stringify(sweep, null, 2)}\n`);
  }

  /** Throws InputError when the folder holds no sweep, and its subclass for one that was measured without a plan. */
  async read(): Promise<Sweep> {
    const path = this.description;
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) throw new InputError(`${this.path} contains no sweep: sweep.json is missing`);
    try {
      const content: unknown = JSON.parse(text);
      if (unplannedFile.safeParse(content).success) throw new WithoutPlanError(this.path);
      return sweepFile.parse(content);
    } catch (error) {
      if (error instanceof WithoutPlanError) throw error;
      throw new InputError([
        { file: path, message: `it is damaged, or of another version: ${reasonFor(error)}` },
      ]);
    }
  }

  /** Points whose measurement is on the disk, by the journal and by the files themselves. */
  async finished(): Promise<Map<string, string>> {
    const finished = finishedPoints(await this.history());
    return new Map(
      [...finished].filter(
        ([, name]) => existsSync(this.rawResult(name)) && existsSync(this.aggregateRow(name)),
      ),
    );
  }

  async history(): Promise<JournalLine[]> {
    return await readJournal(this.journal);
  }
}

/** A sweep and where it is. */
export interface KeptSweep {
  readonly directory: SweepDirectory;
  readonly sweep: Sweep;
}

/**
 * The sweeps below a folder, the newest first, those of a clock that was ahead after all others; what is no sweep, or has no plan, is passed over.
 * @param onDamaged Told what is wrong with a sweep that cannot be read, and its id.
 */
export async function sweepsIn(
  runsFolder: string,
  onDamaged: (problems: readonly Problem[], sweepId: string) => void = () => {},
): Promise<KeptSweep[]> {
  const names = await readdir(runsFolder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name): Promise<KeptSweep[]> => {
      const directory = new SweepDirectory(join(runsFolder, name));
      if (!directory.isBegun) return [];
      try {
        return [{ directory, sweep: await directory.read() }];
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        if (error instanceof WithoutPlanError) return [];
        onDamaged(error.problems, name);
        return [];
      }
    }),
  );
  const isAhead = ({ sweep }: KeptSweep) => Number(isDatedAhead(Date.parse(sweep.createdAt)));
  return found
    .flat()
    .toSorted((a, b) => isAhead(a) - isAhead(b) || b.sweep.createdAt.localeCompare(a.sweep.createdAt));
}

/** The newest sweep below a folder that `accepts` it, or undefined. */
export async function newestSweep(
  runsFolder: string,
  accepts: (sweep: Sweep) => boolean,
): Promise<KeptSweep | undefined> {
  return (await sweepsIn(runsFolder)).find(({ sweep }) => accepts(sweep));
}

/**
 * The sweep of an id, or the newest one, or undefined where there is none.
 * Throws InputError where the sweep meant is one that cannot be read.
 */
export async function findSweep(runsFolder: string, id: string | undefined): Promise<KeptSweep | undefined> {
  const damaged = new Map<string, readonly Problem[]>();
  const sweeps = await sweepsIn(runsFolder, (problems, sweepId) => damaged.set(sweepId, problems));
  const found = sweeps.find(({ sweep }) => id === undefined || sweep.sweepId === id);
  if (found !== undefined) return found;
  if (id !== undefined && !damaged.has(id)) {
    const directory = new SweepDirectory(join(runsFolder, id));
    if (directory.isBegun) await directory.read();
  }
  const meant = id === undefined ? [...damaged.values()].flat() : damaged.get(id);
  if (meant === undefined || meant.length === 0) return undefined;
  throw new InputError(meant);
}

/** Whether two plans would measure the same points on the same servers. */
export function samePlan(a: Plan, b: Plan): boolean {
  const ids = (plan: Plan) =>
    plan.sessions.flatMap((session) => session.points.map((point) => point.id)).toSorted();
  return JSON.stringify(ids(a)) === JSON.stringify(ids(b));
}
