import { setImmediate as turn } from 'node:timers/promises';
import { nowMs } from './clock.ts';
import type { Dataset, Said } from './datasets/index.ts';
import { timerMs } from './http/addresses.ts';
import type { ReadyQueue } from './ready-queue.ts';
import type { Recording } from './recording.ts';
import type { Stream } from './stream.ts';

/** Initial sends per turn of the event loop, so that early replies are read while later requests go out. */
const sendsPerTurn = 32;
/** Requests rendered ahead per turn of the event loop. */
const madePerTurn = 2;
const deadlineCheckMs = 250;
const longestRetryAfterS = 60;
/**
 * If the next send is at least this far away, the dispatcher waits for it precisely, which takes few turns of the loop.
 */
const rareGapMs = 5;
/**
 * Timers fire up to 1 ms late. For the last millisecond of a wait, the loop is turned instead, and sockets are read
 * meanwhile.
 */
const turnInsteadOfTimerMs = 1;

export interface DispatchSettings {
  readonly dataset: Dataset;
  readonly queue: ReadyQueue;
  readonly recording: Recording;
  /** The server's replies are part of the next turns of their conversations. */
  readonly keepReplies?: boolean;
  /** Start of the test on the monotonic clock: now, or shortly. */
  readonly startMs: number;
  /** When each request is due, in milliseconds from the start; undefined in a closed loop. */
  readonly arrivalsMs?: Float64Array;
  /** Creates another stream if all are busy when a request is due; undefined if concurrency is limited. */
  readonly grow?: () => Stream;
  /** In shared memory: not 0 if no further request is to be sent. */
  readonly stop?: Int32Array;
  /** In a closed loop: when each stream sends first, in milliseconds from the start; undefined for at once. */
  readonly firstSendsMs?: readonly number[];
  readonly signal: AbortSignal;
}

/**
 * Sends the queue's prompts over the streams and resolves when every request has ended or the signal is aborted. Closed
 * loop: each stream sends its next request as soon as it is free. Open loop: each request is sent at its time, or when
 * a stream becomes free if that is later. A stream that received `Retry-After` first waits for that time (at most 60
 * s).
 */
export async function dispatch(streams: Stream[], settings: DispatchSettings): Promise<void> {
  const dispatcher = new Dispatcher(streams, settings);
  const stop = (): void => dispatcher.stop();
  settings.signal.addEventListener('abort', stop, { once: true });
  const deadlines = setInterval(() => {
    const atMs = nowMs();
    for (const stream of streams) stream.checkDeadlines(atMs);
    dispatcher.endIfOver();
  }, deadlineCheckMs);
  try {
    if (settings.signal.aborted) return;
    await dispatcher.run();
  } finally {
    clearInterval(deadlines);
    dispatcher.stop();
    settings.signal.removeEventListener('abort', stop);
  }
}

class Dispatcher {
  readonly #streams: Stream[];
  readonly #settings: DispatchSettings;
  readonly #ended = Promise.withResolvers<void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Timers of streams that pause before their next request. */
  readonly #pauses = new Set<NodeJS.Timeout>();
  readonly #free: Stream[] = [];
  /** What the server said in the conversation of each stream, if it becomes part of the conversation. */
  readonly #said = new Map<Stream, (string | undefined)[]>();
  /** Streams with a request in flight, or with one to send later. */
  #busy = 0;
  #stopped = false;
  #dueTimer: NodeJS.Timeout | undefined;
  #turning = false;
  #making = false;

  constructor(streams: Stream[], settings: DispatchSettings) {
    this.#streams = streams;
    this.#settings = settings;
  }

  async run(): Promise<void> {
    const { arrivalsMs, startMs } = this.#settings;
    for (const stream of this.#streams) this.#attach(stream);
    const waitMs = startMs - nowMs();
    if (waitMs > 0) {
      const started = new Promise<void>((resolve) => this.#later(waitMs, resolve));
      await Promise.race([started, this.#ended.promise]);
    }
    if (arrivalsMs === undefined) {
      for (const [position, stream] of this.#streams.entries()) {
        if (this.#stopped) break;
        const firstMs = this.#settings.firstSendsMs?.[position] ?? 0;
        if (firstMs > 0) {
          this.#busy++;
          this.#pause(firstMs, () => this.#take(stream));
        } else this.#sendNext(stream);
        if (position % sendsPerTurn === sendsPerTurn - 1) await turn();
      }
    } else {
      this.#free.push(...this.#streams.toReversed());
      this.#sendDue(arrivalsMs);
    }
    this.#endIfIdle();
    await this.#ended.promise;
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#ended.resolve();
  }

  /** If nothing more is to be sent, streams that wait are done, and the phase ends with the requests in flight. */
  endIfOver(): void {
    if (!this.#isOver) return;
    this.#cancel(this.#dueTimer);
    for (const pause of this.#pauses) {
      this.#cancel(pause);
      this.#busy--;
    }
    this.#pauses.clear();
    this.#endIfIdle();
  }

  get #isOver(): boolean {
    const { stop } = this.#settings;
    return stop !== undefined && Atomics.load(stop, 0) !== 0;
  }

  #attach(stream: Stream): void {
    stream.attach(this.#settings.recording, (freed, index) => this.#onFree(freed, index));
  }

  #onFree(stream: Stream, index: number): void {
    const pauseMs = this.#settings.dataset.pauseBeforeMs?.(index + 1);
    if (pauseMs === undefined) this.#said.delete(stream);
    if (this.#isOver) this.#take(stream);
    else if (pauseMs !== undefined) {
      // The next turn of a conversation uses the same stream, even if this turn failed.
      const request = this.#settings.queue.make(index + 1, this.#hear(stream));
      this.#pause(pauseMs, () => {
        if (this.#isOver) this.#take(stream);
        else stream.start(index + 1, request);
      });
    } else if (stream.retryAfterS > 0) {
      this.#pause(1000 * Math.min(longestRetryAfterS, stream.retryAfterS), () => this.#take(stream));
    } else this.#take(stream);
  }

  /** The replies of a stream's conversation so far, if the next turn contains them. */
  #hear(stream: Stream): Said | undefined {
    const { keepReplies = false, recording } = this.#settings;
    if (!keepReplies) return undefined;
    const said = [...(this.#said.get(stream) ?? []), stream.answer];
    if (stream.answer === undefined) recording.counters.repliesNotContinued++;
    this.#said.set(stream, said);
    return said;
  }

  /** Gives an idle stream its next request, or keeps the stream until one is due. */
  #take(stream: Stream): void {
    const { arrivalsMs } = this.#settings;
    this.#busy--;
    if (arrivalsMs === undefined) {
      this.#sendNext(stream);
    } else {
      this.#free.push(stream);
      // Send only overdue requests from here: the timer for the next one is already running.
      if (this.#isDue(arrivalsMs, nowMs())) this.#sendDue(arrivalsMs);
    }
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (this.#busy === 0 && (this.#isOver || this.#settings.queue.peek() === undefined))
      this.#ended.resolve();
  }

  #sendNext(stream: Stream): void {
    if (this.#stopped || this.#isOver) return;
    const next = this.#settings.queue.take();
    if (next === undefined) return;
    this.#busy++;
    stream.start(next.index, next.request);
    this.#makeMore();
  }

  #makeMore(): void {
    if (this.#making || this.#stopped) return;
    this.#making = true;
    setImmediate(() => {
      this.#making = false;
      if (this.#settings.queue.fill(madePerTurn)) this.#makeMore();
    });
  }

  #isDue(arrivalsMs: Float64Array, atMs: number): boolean {
    const index = this.#settings.queue.peek();
    return index !== undefined && this.#dueMs(arrivalsMs, index) <= atMs;
  }

  #dueMs(arrivalsMs: Float64Array, index: number): number {
    return this.#settings.startMs + (arrivalsMs[index] ?? 0);
  }

  #sendDue(arrivalsMs: Float64Array): void {
    const { queue, recording } = this.#settings;
    if (this.#stopped || this.#isOver) return;
    while (this.#isDue(arrivalsMs, nowMs())) {
      const stream = this.#free.pop() ?? this.#grow();
      if (stream === undefined) return;
      const due = queue.take();
      if (due === undefined) return;
      recording.log.scheduledMs[due.index] = this.#dueMs(arrivalsMs, due.index);
      this.#busy++;
      stream.start(due.index, due.request);
      this.#makeMore();
    }
    const next = queue.peek();
    if (next === undefined) return;
    const waitMs = this.#dueMs(arrivalsMs, next) - nowMs();
    this.#cancel(this.#dueTimer);
    const meanGapMs = (arrivalsMs.at(-1) ?? 0) / arrivalsMs.length;
    const turnMs = meanGapMs >= rareGapMs ? turnInsteadOfTimerMs : 0;
    if (waitMs > turnMs) {
      this.#dueTimer = this.#later(Math.floor(waitMs - turnMs), () => this.#sendDue(arrivalsMs));
    } else if (!this.#turning) {
      this.#turning = true;
      setImmediate(() => {
        this.#turning = false;
        this.#sendDue(arrivalsMs);
      });
    }
  }

  #grow(): Stream | undefined {
    const stream = this.#settings.grow?.();
    if (stream === undefined) return undefined;
    this.#streams.push(stream);
    this.#attach(stream);
    return stream;
  }

  /** Like `#later`, for a stream that counts as busy meanwhile. */
  #pause(waitMs: number, action: () => void): void {
    const timer = this.#later(waitMs, () => {
      this.#pauses.delete(timer);
      action();
    });
    this.#pauses.add(timer);
  }

  #later(waitMs: number, action: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, timerMs(waitMs));
    this.#timers.add(timer);
    return timer;
  }

  #cancel(timer: NodeJS.Timeout | undefined): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}
