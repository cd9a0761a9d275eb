import type { Insertable } from 'kysely';
import { z } from 'zod';
import { parseJson } from '../../bounded-json.ts';
import type { ConfigurationTable } from '../schema.ts';
import type { IncomingAttempt, IncomingSession } from './incoming.ts';
import { largestInteger, storableText } from './storable.ts';

/** One point of a plan. */
export interface IncomingPlannedPoint {
  readonly configuration: Insertable<ConfigurationTable>;
  readonly conc: number;
}

/** One engine session of a plan. */
export interface PlannedSession {
  readonly hw: string;
  readonly framework: string;
  readonly image: string;
  readonly model: string;
  readonly runner: string;
}

export interface PlannedParts {
  readonly sessions: ReadonlyMap<string, PlannedSession>;
  readonly points: ReadonlyMap<string, IncomingPlannedPoint>;
}

const storable = z.string().transform(storableText);
const storableId = z.string().max(300).transform(storableText);

/** The fields of a journal line that the store reads; other lines are ignored. */
const lineSchema = z.looseObject({
  at: z.iso.datetime(),
  type: z.string(),
  sessionId: storableId.optional(),
  pointId: storableId.optional(),
  attempt: z.int().max(largestInteger).optional(),
  argv: z.array(z.string()).optional(),
  afterS: z.number().optional(),
  failureClass: storable.transform((text) => text.slice(0, 100)).optional(),
  message: storable.optional(),
  resultFilename: z.string().optional(),
});
type Line = z.infer<typeof lineSchema>;

/** Facts about a sweep from its journal. */
export interface JournalFacts {
  readonly sessions: readonly IncomingSession[];
  readonly attempts: readonly IncomingAttempt[];
  readonly state: 'running' | 'finished' | 'interrupted' | 'unknown';
}

type Changing<Value> = { -readonly [field in keyof Value]: Value[field] };

/** Parses a journal, ignoring an incomplete last line left by a crash. Throws if a line is invalid. */
export function readJournal(text: string, plan: PlannedParts): JournalFacts {
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => lineSchema.parse(parseJson(line)));
  const reading = new JournalReading(plan);
  for (const line of lines) reading.take(line);
  return reading;
}

class JournalReading implements JournalFacts {
  readonly sessions: Changing<IncomingSession>[] = [];
  readonly attempts: Changing<IncomingAttempt>[] = [];
  state: JournalFacts['state'] = 'unknown';
  readonly #plan: PlannedParts;

  constructor(plan: PlannedParts) {
    this.#plan = plan;
  }

  take(line: Line): void {
    const at = Date.parse(line.at);
    switch (line.type) {
      case 'sweep-started':
        // Whatever an earlier process left open ended with it, at an unknown time.
        this.#endOpen(at, 'interrupted');
        this.state = 'running';
        break;
      case 'sweep-interrupted':
        this.#endOpen(at, 'interrupted');
        this.state = 'interrupted';
        break;
      case 'sweep-finished':
        this.state = 'finished';
        break;
      case 'engine-starting':
        this.#startSession(line, at);
        break;
      case 'engine-ready': {
        const session = this.#openSession(line);
        if (session !== undefined) session.ready_after_s = line.afterS ?? null;
        break;
      }
      case 'engine-stopped':
        this.#endSession(this.#openSession(line), at, 'stopped');
        break;
      case 'session-failed':
        this.#endSession(this.#openSession(line) ?? this.#startSession(line, at), at, 'failed', line);
        break;
      case 'point-started':
        this.#startAttempt(line, at);
        break;
      case 'point-finished':
        this.#endAttempt(line, at, 'finished');
        break;
      case 'point-failed':
        this.#endAttempt(line, at, 'failed');
        break;
    }
  }

  #startSession(line: Line, at: number): Changing<IncomingSession> | undefined {
    const planned = this.#plan.sessions.get(line.sessionId ?? '');
    if (line.sessionId === undefined || planned === undefined) return undefined;
    const session = {
      session_key: line.sessionId,
      started_at: at,
      ended_at: null,
      ready_after_s: null,
      ...planned,
      argv: JSON.stringify(line.argv ?? []),
      outcome: 'running',
      failure_class: null,
      message: null,
      log: `sessions/${line.sessionId}/engine.log`,
    };
    this.sessions.push(session);
    return session;
  }

  #openSession({ sessionId }: Line): Changing<IncomingSession> | undefined {
    return this.sessions.findLast((one) => one.session_key === sessionId && one.outcome === 'running');
  }

  #endSession(
    session: Changing<IncomingSession> | undefined,
    at: number,
    outcome: string,
    failure?: Line,
  ): void {
    if (session === undefined) return;
    session.ended_at = at;
    session.outcome = outcome;
    session.failure_class = failure?.failureClass ?? null;
    session.message = failure?.message ?? null;
  }

  #startAttempt({ sessionId, pointId, attempt }: Line, at: number): void {
    if (sessionId === undefined || pointId === undefined) return;
    const planned = this.#plan.points.get(pointId);
    this.attempts.push({
      session_key: sessionId,
      point_key: pointId,
      attempt: attempt ?? 1,
      started_at: at,
      ended_at: null,
      outcome: 'running',
      failure_class: null,
      message: null,
      ...planned,
    });
  }

  #endAttempt(line: Line, at: number, outcome: string): void {
    const attempt = this.attempts.findLast(
      (one) => one.point_key === line.pointId && one.outcome === 'running',
    );
    if (attempt === undefined) return;
    attempt.ended_at = at;
    attempt.outcome = outcome;
    attempt.failure_class = line.failureClass ?? null;
    attempt.message = line.message ?? null;
    if (line.resultFilename !== undefined) attempt.file = `raw/${line.resultFilename}.json`;
  }

  #endOpen(at: number, outcome: string): void {
    for (const session of this.sessions.filter((one) => one.outcome === 'running'))
      this.#endSession(session, at, outcome);
    for (const attempt of this.attempts.filter((one) => one.outcome === 'running')) {
      attempt.ended_at = at;
      attempt.outcome = outcome;
    }
  }
}
