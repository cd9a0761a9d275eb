import type { EventReading } from '../backends/index.ts';

/** One event of a streamed answer. */
export interface AnswerEvent {
  /** Its name in the stream; '' for none. */
  readonly name: string;
  readonly data: string;
  /** What the backend reads in it; undefined for one that is no JSON. */
  readonly reading: EventReading | undefined;
  /** The parsed data. */
  readonly json: unknown;
  /** On the system's monotonic clock, milliseconds. */
  readonly atMs: number;
}

/** How the bytes of an answer ended. */
export type AnswerEnd =
  | 'whole'
  /** Before its HTTP framing said so. */
  | 'cut-off'
  /** We closed the connection ourselves. */
  | 'given-up';

/** What a server sent for one request. */
export interface ServerAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly AnswerEvent[];
  /** Lines that are comments of the stream. */
  readonly comments: number;
  /** The first bytes of the body, whatever they are. */
  readonly start: string;
  /** The whole body as JSON, if it is one text of JSON. */
  readonly json: unknown;
  readonly end: AnswerEnd;
  readonly sentMs: number;
  readonly endMs: number;
  /** The request went over a connection that an earlier one had used. */
  readonly reusedConnection: boolean;
}

/** The events that hold a choice. */
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

/** The last count that the answer gives, of output or prompt tokens. */
export function lastCount(
  { events }: ServerAnswer,
  name: 'completionTokens' | 'promptTokens' | 'cachedTokens',
): number | undefined {
  return events.findLast(({ reading }) => reading?.counts?.[name] !== undefined)?.reading?.counts?.[name];
}

/** From the request to the first event that shows output, milliseconds. */
export function ttftMs(answer: ServerAnswer): number | undefined {
  const first = answer.events.find(showsOutput) ?? choiceEvents(answer)[0];
  return first === undefined ? undefined : first.atMs - answer.sentMs;
}

/** The reasons for which its choices ended, by choice. */
export function finishes({ events }: ServerAnswer): Map<number, string> {
  const reasons = new Map<number, string>();
  for (const { reading } of events) {
    for (const { index, finish } of reading?.choices ?? []) {
      if (finish !== undefined) reasons.set(index, finish);
    }
  }
  return reasons;
}

/** What the server says went wrong, in or instead of a stream. */
export function errorOf({ status, events, start }: ServerAnswer): string | undefined {
  const told = events.find(({ reading }) => reading?.error !== undefined)?.reading?.error;
  if (told !== undefined) return told;
  return status >= 200 && status < 300 ? undefined : start.trim().slice(0, 160) || `status ${status}`;
}
