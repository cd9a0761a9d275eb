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

/** The content of sweep.json, written when the sweep is created and again when a resume plans it again. */
export interface Sweep {
  readonly sweepId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The command that started it, such as `run` or `quickstart`. */
  readonly command: string;
  readonly plan: Plan;
  /** How many times each point is measured (default 1). */
  readonly repeats?: number | undefined;
  /** The order of sessions by id; lower runs first (default 0). */
  readonly priorities?: Readonly<Record<string, number>> | undefined;
  /** Whether to skip points that cannot change a Pareto frontier. */
  readonly adaptive?: boolean | undefined;
  /** The seconds of each point that the engine is profiled; absent if it is not. */
  readonly profileS?: number | undefined;
  /** The source of the plan; absent in sweeps of 0.1. */
  readonly origin?: PlanOrigin | undefined;
}

/** The source of a plan: configs, which can be planned again, or a one-time option of a command. */
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
  profileS: z.number().positive().optional(),
  origin: originSchema.optional(),
}) satisfies z.ZodType<Sweep>;

/** Results without a plan, measured by `bench serve` or a script, in the files of a sweep. */
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

  /** The file that describes the sweep. */
  get description(): string {
    return join(this.path, 'sweep.json');
  }
  /** Whether sweep.json exists; a process killed while it creates a sweep leaves a folder without it. */
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
  /** The folder of one session, with its log and the files its engine reads. */
  sessionFolder(session: EngineSession): string {
    return join(this.path, 'sessions', session.id);
  }
  engineLog(session: EngineSession): string {
    return join(this.sessionFolder(session), 'engine.log');
  }
  /** The public row of a point of agent sessions, beside the folder of its requests. */
  agenticRow(resultFilename: string): string {
    return join(this.path, 'agentic', `${resultFilename}.json`);
  }
  agenticFolder(resultFilename: string): string {
    return join(this.path, 'agentic', resultFilename);
  }
  /** Traces of profiled points. */
  get profiles(): string {
    return join(this.path, 'profiles');
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

  /**
   * Reads sweep.json. Throws InputError if the folder contains no sweep, and a subclass of it if the sweep
   * has no plan.
   */
  async read(): Promise<Sweep> {
    const path = this.description;
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined)
      throw new InputError(`${this.path} contains no sweep: sweep.json is missing`, undefined, {
        code: 'unknown-sweep',
      });
    try {
      const content: unknown = JSON.parse(text);
      if (unplannedFile.safeParse(content).success) throw new WithoutPlanError(this.path);
      return sweepFile.parse(content);
    } catch (error) {
      if (error instanceof WithoutPlanError) throw error;
      throw new InputError([
        {
          code: 'file-unreadable',
          file: path,
          message: `it is damaged, or of another version: ${reasonFor(error)}`,
        },
      ]);
    }
  }

  /** Points whose measurement is on disk, according to both the journal and the files. */
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

/** A sweep and its directory. */
export interface KeptSweep {
  readonly directory: SweepDirectory;
  readonly sweep: Sweep;
}

/**
 * The sweeps in a folder, newest first, with those dated in the future last. Other folders and sweeps without
 * a plan are skipped.
 * @param onDamaged Called with the id and the problems of a sweep that cannot be read.
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

/** The newest sweep in a folder that `accepts` accepts, or undefined. */
export async function newestSweep(
  runsFolder: string,
  accepts: (sweep: Sweep) => boolean,
): Promise<KeptSweep | undefined> {
  return (await sweepsIn(runsFolder)).find(({ sweep }) => accepts(sweep));
}

/**
 * The sweep with an id, or the newest one; undefined if there is none. Throws InputError if that sweep cannot
 * be read.
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

/** Whether two plans measure the same points on the same servers. */
export function samePlan(a: Plan, b: Plan): boolean {
  const ids = (plan: Plan) =>
    plan.sessions.flatMap((session) => session.points.map((point) => point.id)).toSorted();
  return JSON.stringify(ids(a)) === JSON.stringify(ids(b));
}
