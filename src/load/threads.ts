import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PromptPlan } from './datasets/prepare.ts';
import { noLoopLag } from './fidelity/loop-lag.ts';
import type { ServerAddresses } from './http/addresses.ts';
import type { Cursors, Lane, TestPhase, Vitals } from './lane.ts';
import { LoadError, type LoadErrorClass } from './load-error.ts';
import type { LoadTest } from './load-test.ts';
import { newCounters } from './recording.ts';
import type { KeptOfEach, LogParts, RequestColumns, RequestLog } from './request-log.ts';
import type { LaneShare } from './work-queue.ts';

/** A thread's part of a test. */
export interface LaneWork {
  readonly test: LoadTest;
  readonly addresses: ServerAddresses;
  readonly share: LaneShare;
}

/** Calls to a thread, one after another; `stop` and `close` may come at any time. */
export type LaneCall =
  | ({ readonly call: 'open' } & LaneWork)
  | { readonly call: 'prepare'; readonly plan: PromptPlan; readonly cursors: Cursors }
  | {
      readonly call: 'run';
      readonly phase: TestPhase;
      readonly columns: RequestColumns;
      readonly kept: KeptOfEach;
    }
  | { readonly call: 'stop' }
  | { readonly call: 'close' };

/** Messages of a thread: its current state, or the outcome of a call. */
export type LaneAnswer =
  | { readonly answer: 'vitals'; readonly vitals: Vitals }
  | { readonly answer: 'done'; readonly parts?: LogParts; readonly vitals?: Vitals }
  | {
      readonly answer: 'failed';
      readonly message: string;
      readonly errorClass?: LoadErrorClass;
      readonly hint?: string;
    };

type Done = Extract<LaneAnswer, { answer: 'done' }>;

/** Starts a thread that runs a lane's part of a test. Throws LoadError as `openLane` does. */
export async function startThread(work: LaneWork, signal: AbortSignal): Promise<Lane> {
  const lane = new ThreadLane();
  try {
    await lane.open(work, signal);
    return lane;
  } catch (error) {
    await lane.close();
    throw error;
  }
}

/** A lane in another thread, which runs `thread-main.ts`. */
class ThreadLane implements Lane {
  readonly #worker = new Worker(new URL(`./thread-main${extname(import.meta.filename)}`, import.meta.url));
  #vitals: Vitals = { counters: newCounters(), loopLag: noLoopLag, requestsByAddress: [] };
  #waiting: PromiseWithResolvers<Done> | undefined;

  constructor() {
    this.#worker.on('message', (answer: LaneAnswer) => this.#onAnswer(answer));
    this.#worker.on('error', (error) => this.#waiting?.reject(error));
    this.#worker.on('exit', () => this.#waiting?.reject(new Error('a thread of the load test ended')));
  }

  async open(work: LaneWork, signal: AbortSignal): Promise<void> {
    await this.#askUntil(signal, { call: 'open', ...work });
  }

  async prepare(plan: PromptPlan, cursors: Cursors): Promise<void> {
    await this.#ask({ call: 'prepare', plan, cursors });
  }

  async run(phase: TestPhase, log: RequestLog, signal: AbortSignal): Promise<void> {
    const { columns, kept } = log;
    const { parts, vitals } = await this.#askUntil(signal, { call: 'run', phase, columns, kept });
    if (parts !== undefined) log.absorb(parts);
    if (vitals !== undefined) this.#vitals = vitals;
  }

  vitals(): Vitals {
    return this.#vitals;
  }

  async close(): Promise<void> {
    this.#worker.postMessage({ call: 'close' } satisfies LaneCall);
    await this.#worker.terminate();
  }

  /** Calls something that ends early if the signal is aborted. */
  async #askUntil(signal: AbortSignal, call: LaneCall): Promise<Done> {
    const stop = (): void => this.#worker.postMessage({ call: 'stop' } satisfies LaneCall);
    signal.addEventListener('abort', stop, { once: true });
    try {
      const done = this.#ask(call);
      if (signal.aborted) stop();
      return await done;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #ask(call: LaneCall): Promise<Done> {
    this.#waiting = Promise.withResolvers<Done>();
    this.#worker.postMessage(call);
    return this.#waiting.promise;
  }

  #onAnswer(answer: LaneAnswer): void {
    if (answer.answer === 'vitals') this.#vitals = answer.vitals;
    else if (answer.answer === 'done') this.#waiting?.resolve(answer);
    else this.#waiting?.reject(errorOf(answer));
  }
}

function errorOf({ message, errorClass, hint }: Extract<LaneAnswer, { answer: 'failed' }>): Error {
  return errorClass === undefined
    ? new Error(message)
    : new LoadError(errorClass, message, hint === undefined ? {} : { hint });
}
