import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError, type Problem } from '../errors.ts';
import { failureClasses } from '../failures/index.ts';
import { currentVerdict, loadKinds } from '../load/index.ts';
import { isDiskFull } from './disk-full.ts';

const node = z.string().optional();
const point = { sessionId: z.string(), pointId: z.string(), node };
const failure = {
  failureClass: z.enum(failureClasses),
  message: z.string(),
  /** What the operator should do. */
  todo: z.string().optional(),
  logTail: z.string().optional(),
  /** Where it happened, if a cluster chooses nodes itself. */
  nodes: z.array(z.string()).optional(),
};
/** What follows a failure; absent in journals of 0.1. */
const next = z.enum(['same-node', 'other-node', 'give-up']).optional();

/** Every change of a sweep's state. New fields must be optional, so that older journals can still be read. */
const journalEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('sweep-started'),
    resumed: z.boolean(),
    pointsLeft: z.int(),
    /** Number of sessions without points left whose engine still has to be checked. */
    checksLeft: z.int().optional(),
    nodes: z.array(z.string()).optional(),
    timeBudgetS: z.number().optional(),
  }),
  z.object({ type: z.literal('orphan-ended'), sessionId: z.string(), port: z.int() }),
  /** Another sweep uses the node; `by` says which. */
  z.object({
    type: z.literal('node-taken'),
    node: z.string(),
    pid: z.int(),
    host: z.string().optional(),
    by: z.string().optional(),
  }),
  z.object({
    type: z.literal('node-quarantined'),
    node: z.string(),
    reason: z.string(),
    /** The pool, if a cluster chooses nodes itself: its jobs exclude this node. */
    pool: z.string().optional(),
  }),
  /** The session is retried after a wait; its node does other work until then. */
  z.object({
    type: z.literal('session-waits'),
    sessionId: z.string(),
    node,
    why: z.string(),
    untilAt: z.iso.datetime(),
  }),
  z.object({ type: z.literal('session-assigned'), sessionId: z.string(), node: z.string() }),
  z.object({
    type: z.literal('engine-starting'),
    sessionId: z.string(),
    node,
    start: z.int(),
    argv: z.array(z.string()),
  }),
  z.object({ type: z.literal('engine-ready'), sessionId: z.string(), node, afterS: z.number() }),
  z.object({ type: z.literal('engine-stopped'), sessionId: z.string(), node }),
  z.object({ type: z.literal('session-failed'), sessionId: z.string(), node, ...failure, next }),
  /** The rest of a session is not run, because there is no time or no usable node. */
  z.object({
    type: z.literal('session-left-out'),
    sessionId: z.string(),
    why: z.enum(['no-time', 'no-node']),
    points: z.int(),
    estimateS: z.number().optional(),
  }),
  z.object({ type: z.literal('point-started'), ...point, attempt: z.int() }),
  z.object({
    type: z.literal('point-finished'),
    ...point,
    resultFilename: z.string(),
    verdict: z.string().overwrite(currentVerdict),
    /** The reasons for the verdict. */
    reasons: z.array(z.string()).readonly().optional(),
    /** Null if unknown, like the fields below. */
    outputThroughput: z.number().nullable(),
    medianTtftMs: z.number().nullable(),
    medianTpotMs: z.number().nullable(),
    /** As in the published row, if there is one: tokens/s/GPU in total, tokens/s/user, seconds. */
    tputPerGpu: z.number().nullable().optional(),
    interactivity: z.number().nullable().optional(),
    e2elS: z.number().nullable().optional(),
    /** Traces of the engine's profiler, in the sweep's folder of profiles; absent if it was not profiled. */
    profileFiles: z.array(z.string()).readonly().optional(),
    /** Seconds that the point took, including warm-up. */
    tookS: z.number().optional(),
  }),
  /** One test of a point that searches the largest load: its load, and how many of its requests met each SLO. */
  z.object({
    type: z.literal('point-tested'),
    ...point,
    load: z.enum(loadKinds),
    level: z.number(),
    requests: z.int(),
    met: z.array(z.int()).readonly(),
  }),
  z.object({ type: z.literal('point-failed'), ...point, ...failure, willRetry: z.boolean(), next }),
  z.object({ type: z.literal('point-skipped'), ...point, reason: z.string() }),
  /** The session's engine was checked, for example for accuracy. */
  z.object({
    type: z.literal('check-finished'),
    sessionId: z.string(),
    node,
    task: z.string(),
    /** Total number of checks of the engine; absent in journals of 0.1. */
    of: z.int().optional(),
    score: z.number().optional(),
    verdict: z.enum(['pass', 'fail', 'not-judged']),
    reason: z.string(),
  }),
  /** A hook failed; no point is affected. */
  z.object({
    type: z.literal('hook-failed'),
    sessionId: z.string(),
    node,
    what: z.string(),
    message: z.string(),
  }),
  /** A problem outside the engines stops the whole sweep. */
  z.object({ type: z.literal('sweep-stopped'), ...failure }),
  z.object({ type: z.literal('sweep-interrupted') }),
  z.object({
    type: z.literal('sweep-finished'),
    finished: z.int(),
    failed: z.int(),
    skipped: z.int().optional(),
    leftOut: z.int().optional(),
  }),
]);

export type JournalEvent = z.infer<typeof journalEvent>;

const stamp = z.object({
  at: z.iso.datetime(),
  /** Seconds since the writing process opened the journal, by a monotonic clock. */
  upS: z.number().optional(),
});
const journalLine = z.intersection(stamp, journalEvent);

/** One line of a journal: an event and its time. */
export type JournalLine = z.infer<typeof journalLine>;

/** The clocks for the times in a journal. */
export interface JournalClock {
  readonly now: () => Date;
  /** Milliseconds of a monotonic clock. */
  readonly monotonicMs: () => number;
}

/** Bytes reserved for the last events of a sweep whose disk is full. */
const reserveBytes = 65_536;

/** An append-only file of JSON lines. An appended event survives any later crash. */
export class Journal {
  readonly #handle: FileHandle;
  readonly #clock: JournalClock;
  readonly #openedMs: number;
  readonly #reserve: string;
  #length: number;
  #last: Promise<void> = Promise.resolve();

  private constructor(handle: FileHandle, reserve: string, length: number, clock: JournalClock) {
    this.#handle = handle;
    this.#reserve = reserve;
    this.#length = length;
    this.#clock = clock;
    this.#openedMs = clock.monotonicMs();
  }

  /** Opens a journal for appending, after cutting off an incomplete last line that a crash left. */
  static async open(path: string, clock: JournalClock): Promise<Journal> {
    const handle = await open(path, 'a+');
    try {
      const content = await handle.readFile();
      const end = content.lastIndexOf('\n') + 1;
      if (end < content.length) await handle.truncate(end);
      const reserve = `${path}.reserve`;
      await writeFile(reserve, Buffer.alloc(reserveBytes, 'room for the last events\n')).catch(
        (error: unknown) => {
          if (!isDiskFull(error)) throw error;
        },
      );
      return new Journal(handle, reserve, end, clock);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Appends an event and returns when it is on disk. Events appended at the same time keep their order. */
  async append(event: JournalEvent): Promise<void> {
    const upS = Math.round(this.#clock.monotonicMs() - this.#openedMs) / 1000;
    const line = `${JSON.stringify({ at: this.#clock.now().toISOString(), upS, ...event })}\n`;
    const written = this.#last.then(async () => await this.#write(line));
    this.#last = written.catch(() => undefined);
    await written;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#handle.close();
    await rm(this.#reserve, { force: true });
  }

  async #write(line: string): Promise<void> {
    try {
      await this.#put(line);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      // Part of the line may have been written; then use the reserved space.
      await this.#handle.truncate(this.#length);
      await rm(this.#reserve, { force: true });
      await this.#put(line);
    }
    this.#length += Buffer.byteLength(line);
  }

  async #put(line: string): Promise<void> {
    await this.#handle.appendFile(line);
    await this.#handle.datasync();
  }
}

/**
 * Reads a journal, without an incomplete last line left by a crash and without events of newer versions. A
 * missing file is an empty journal. Throws InputError with the place of every damaged line.
 */
export async function readJournal(path: string): Promise<JournalLine[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const damaged: Problem[] = [];
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .flatMap((written, index) => {
      if (written === '') return [];
      const read = lineOf(written);
      if (read === 'damaged') damaged.push({ file: path, line: index + 1, ...damage });
      return read === 'damaged' || read === 'of a newer version' ? [] : [read];
    });
  if (damaged.length > 0) throw new InputError(damaged);
  return lines;
}

const damage = {
  message: 'this line of the journal is damaged',
  hint: 'delete it; --resume measures its point again',
};

function lineOf(text: string): JournalLine | 'damaged' | 'of a newer version' {
  try {
    const json: unknown = JSON.parse(text);
    if (knownTypes.has(namedType.parse(json).type)) return journalLine.parse(json);
    return 'of a newer version';
  } catch {
    return 'damaged';
  }
}

const namedType = z.object({ type: z.string() });
const knownTypes = new Set<string>(journalEvent.options.map(({ shape }) => shape.type.value));

/** The ids of finished points with the names of their result files. */
export function finishedPoints(lines: readonly JournalLine[]): Map<string, string> {
  return new Map(
    lines.flatMap((line) => (line.type === 'point-finished' ? [[line.pointId, line.resultFilename]] : [])),
  );
}

/** The ids of sessions whose engine was checked completely. */
export function checkedSessions(lines: readonly JournalLine[]): Set<string> {
  const checks = lines.filter((line) => line.type === 'check-finished');
  const bySession = [...Map.groupBy(checks, ({ sessionId }) => sessionId)];
  const isWhole = (of: typeof checks) => new Set(of.map(({ task }) => task)).size >= (of.at(-1)?.of ?? 1);
  return new Set(bySession.filter(([, of]) => isWhole(of)).map(([sessionId]) => sessionId));
}
