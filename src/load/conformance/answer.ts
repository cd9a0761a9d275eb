import type { EventReading } from '../backends/index.ts';

/** One event of a streamed response. */
export interface AnswerEvent {
  /** The event's name in the stream, or ''. */
  readonly name: string;
  readonly data: string;
  /** What the backend reads in it; undefined if it is not JSON. */
  readonly reading: EventReading | undefined;
  /** The parsed data. */
  readonly json: unknown;
  /** On the system's monotonic clock, in milliseconds. */
  readonly atMs: number;
}

/** How the bytes of a response ended. */
export type AnswerEnd =
  | 'whole'
  /** Before the end that its HTTP framing announced. */
  | 'cut-off'
  /** We closed the connection ourselves. */
  | 'given-up';

/** The server's response to one request. */
export interface ServerAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly AnswerEvent[];
  /** The number of comment lines in the stream. */
  readonly comments: number;
  /** The first bytes of the body, whatever they are. */
  readonly start: string;
  /** The whole body as JSON, if it is a single JSON text. */
  readonly json: unknown;
  readonly end: AnswerEnd;
  readonly sentMs: number;
  readonly endMs: number;
  /** The request reused the connection of an earlier one. */
  readonly reusedConnection: boolean;
}

/** The events that contain a choice. */
export function choiceEvents({ events }: ServerAnswer): AnswerEvent[] {
  return events.filter(({ reading }) => reading !== undefined && reading.choices.length > 0);
}

/** Whether an event shows generated output of any kind. */
export function showsOutput({ reading }: AnswerEvent): boolean {
  return (
    reading?.choices.some(
      ({ answer, reasoning, hasOtherOutput = false }) => answer !== '' || reasoning !== '' || hasOtherOutput,
    ) === true
  );
}

/** The last count of output or prompt tokens in the response. */
export function lastCount(
  { events }: ServerAnswer,
  name: 'completionTokens' | 'promptTokens' | 'cachedTokens',
): number | undefined {
  return events.findLast(({ reading }) => reading?.counts?.[name] !== undefined)?.reading?.counts?.[name];
}

/** Time from the request to the first event that shows output, in milliseconds. */
export function ttftMs(answer: ServerAnswer): number | undefined {
  const first = answer.events.find(showsOutput) ?? choiceEvents(answer)[0];
  return first === undefined ? undefined : first.atMs - answer.sentMs;
}

/** The finish reasons by choice. */
export function finishes({ events }: ServerAnswer): Map<number, string> {
  const reasons = new Map<number, string>();
  for (const { reading } of events) {
    for (const { index, finish } of reading?.choices ?? []) {
      if (finish !== undefined) reasons.set(index, finish);
    }
  }
  return reasons;
}

/** The server's error message, in the stream or in place of it. */
export function errorOf({ status, events, start }: ServerAnswer): string | undefined {
  const told = events.find(({ reading }) => reading?.error !== undefined)?.reading?.error;
  if (told !== undefined) return told;
  return status >= 200 && status < 300 ? undefined : start.trim().slice(0, 160) || `status ${status}`;
}
