import { type FileHandle, open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { failureClasses } from './failure.ts';

const point = { sessionId: z.string(), pointId: z.string() };
const failure = {
  failureClass: z.enum(failureClasses),
  message: z.string(),
  logTail: z.string().optional(),
};

/** What the journal records: every change of a sweep's state, in order. */
const journalEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sweep-started'), resumed: z.boolean(), pointsLeft: z.int() }),
  z.object({ type: z.literal('orphan-ended'), sessionId: z.string(), port: z.int() }),
  z.object({
    type: z.literal('engine-starting'),
    sessionId: z.string(),
    start: z.int(),
    argv: z.array(z.string()),
  }),
  z.object({ type: z.literal('engine-ready'), sessionId: z.string(), afterS: z.number() }),
  z.object({ type: z.literal('engine-stopped'), sessionId: z.string() }),
  z.object({ type: z.literal('session-failed'), sessionId: z.string(), ...failure }),
  z.object({ type: z.literal('point-started'), ...point, attempt: z.int() }),
  z.object({
    type: z.literal('point-finished'),
    ...point,
    resultFilename: z.string(),
    verdict: z.string(),
    outputThroughput: z.number(),
    medianTtftMs: z.number(),
    medianTpotMs: z.number(),
  }),
  z.object({ type: z.literal('point-failed'), ...point, ...failure, willRetry: z.boolean() }),
  z.object({ type: z.literal('sweep-interrupted') }),
  z.object({ type: z.literal('sweep-finished'), finished: z.int(), failed: z.int() }),
]);

export type JournalEvent = z.infer<typeof journalEvent>;

const journalLine = z.intersection(z.object({ at: z.iso.datetime() }), journalEvent);

/** One line of a journal: an event and when it happened. */
export type JournalLine = z.infer<typeof journalLine>;

/** An append-only file of JSON lines; an event that was appended survives any crash after it. */
export class Journal {
  readonly #handle: FileHandle;
  readonly #now: () => Date;

  private constructor(handle: FileHandle, now: () => Date) {
    this.#handle = handle;
    this.#now = now;
  }

  /** Opens a journal for appending, first cutting off a last line that a crash left half written. */
  static async open(path: string, now: () => Date): Promise<Journal> {
    const handle = await open(path, 'a+');
    const content = await handle.readFile();
    const end = content.lastIndexOf('\n') + 1;
    if (end < content.length) await handle.truncate(end);
    return new Journal(handle, now);
  }

  /** Appends an event and returns when it is on the disk. */
  async append(event: JournalEvent): Promise<void> {
    await this.#handle.appendFile(`${JSON.stringify({ at: this.#now().toISOString(), ...event })}\n`);
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Reads a journal; a last line that a crash left half written is not part of it. An absent file is an empty journal. */
export async function readJournal(path: string): Promise<JournalLine[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => journalLine.parse(JSON.parse(line)));
}

/** Points that the journal says are measured and written, each with its result file's name. */
export function finishedPoints(lines: readonly JournalLine[]): Map<string, string> {
  return new Map(
    lines.flatMap((line) => (line.type === 'point-finished' ? [[line.pointId, line.resultFilename]] : [])),
  );
}
