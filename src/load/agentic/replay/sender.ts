import { nowMs } from '../../clock.ts';
import { newCounters, type StreamCounters } from '../../recording.ts';
import { RequestLog } from '../../request-log.ts';
import type { Stream } from '../../stream.ts';
import type { StreamPool } from '../../stream-pool.ts';
import type { HeaderField } from '../../transports/transport.ts';
import { MeasuredLog } from './measured-log.ts';
import type { PromptText } from './prompt-text.ts';
import type { AgentReplay } from './replay.ts';
import { type ReplayRecord, recordOf } from './request-record.ts';
import type { ReplaySend } from './schedule.ts';

/** How often deadlines of requests are checked. */
const deadlineCheckMs = 250;

interface Flight {
  readonly send: ReplaySend;
  readonly log: RequestLog;
  readonly sessionId: string;
  readonly onEnd: (record: ReplayRecord) => void;
}

/** Sends requests over as many connections as are in use at the same time. */
export class ReplaySender {
  readonly #pool: StreamPool;
  readonly #text: PromptText;
  readonly #replay: AgentReplay;
  readonly #free: Stream[];
  readonly #all: Stream[];
  readonly #flights = new Map<Stream, Flight>();
  readonly #deadlines: NodeJS.Timeout;
  /** Of the measured phase. */
  readonly measured = new MeasuredLog();
  readonly counters: StreamCounters = newCounters();

  constructor(pool: StreamPool, text: PromptText, replay: AgentReplay) {
    this.#pool = pool;
    this.#text = text;
    this.#replay = replay;
    this.#all = [...pool.streams];
    this.#free = [...pool.streams];
    this.#deadlines = setInterval(() => {
      const atMs = nowMs();
      for (const stream of this.#flights.keys()) stream.checkDeadlines(atMs);
    }, deadlineCheckMs);
  }

  send(send: ReplaySend, onEnd: (record: ReplayRecord) => void): void {
    const stream = this.#free.pop() ?? this.#newStream();
    const log = RequestLog.ofLength(1);
    const sessionId = `${this.#replay.rules.run}-${send.play}-${send.conversation.id}`;
    this.#flights.set(stream, { send, log, sessionId, onEnd });
    const counters = send.phase === 'profiling' ? this.counters : newCounters();
    stream.attach({ log, counters, keepTexts: 'none' }, () => this.#ended(stream, false));
    stream.start(0, stream.render(this.#prompt(send, sessionId)));
  }

  #newStream(): Stream {
    const stream = this.#pool.newStream();
    this.#all.push(stream);
    return stream;
  }

  #prompt(send: ReplaySend, sessionId: string) {
    const { tree, conversation, turn, marker, outputTokens } = send;
    const asked = conversation.turns[turn];
    if (asked === undefined) throw new Error(`${conversation.id} has no turn ${turn}`);
    const form = { marker, toolCalls: this.#replay.toolCalls };
    return {
      body: this.#text.body(tree, asked.messages, form),
      inputTokens: undefined,
      estimatedInputTokens: asked.inputTokens,
      outputTokens,
      model: asked.model,
      headers: this.#headers(send, sessionId),
    };
  }

  #headers({ play, tree, conversation }: ReplaySend, sessionId: string): readonly HeaderField[] {
    const id = headerText(sessionId);
    const rootId = headerText(`${this.#replay.rules.run}-${play}-${tree.root.id}`);
    const session = { id, parentId: conversation.parent === undefined ? undefined : rootId };
    return [['X-Correlation-ID', id], ...this.#replay.affinity.flatMap((router) => router.headers(session))];
  }

  #ended(stream: Stream, isCancelled: boolean): void {
    const flight = this.#flights.get(stream);
    if (flight === undefined) return;
    this.#flights.delete(stream);
    if (!isCancelled) this.#free.push(stream);
    const { send, log, sessionId, onEnd } = flight;
    if (send.phase === 'profiling') this.measured.add(log, isCancelled);
    onEnd(recordOf(send, log, { sessionId, isCancelled, dueMs: 1000 * send.dueS, nowMs: nowMs() }));
  }

  cancelAll(): void {
    for (const stream of [...this.#flights.keys()]) {
      stream.close();
      this.#ended(stream, true);
    }
  }

  close(): void {
    clearInterval(this.#deadlines);
    for (const stream of this.#all) stream.close();
  }
}

/** Ids of traces may have any character, headers only visible ASCII. */
function headerText(id: string): string {
  return id.replaceAll(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character));
}
