import { defined } from '../../defined/defined.ts';
import { nowMs } from '../clock.ts';
import type { TestPhase } from '../lane.ts';
import type { LoadTest } from '../load-test.ts';
import type { StreamCounters } from '../recording.ts';
import { type RequestLog, RequestState, type TestWindow } from '../request-log.ts';
import type { EndedBy } from '../result-schema.ts';
import { EndingWatch } from './ending-watch.ts';
import type { MetRule } from './stop-rules.ts';
import { inFlightAt } from './test-window.ts';

/** A flag that all threads of a test see: nothing more is sent once it is 1. */
export function newStop(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** The window of a test by time that starts at `startMs`; undefined if its figures are about all requests. */
export function windowOf(
  { durationS, warmupS = 0, cooldownS = 0 }: LoadTest,
  startMs: number,
): TestWindow | undefined {
  if (durationS === undefined || warmupS + cooldownS === 0) return undefined;
  return { fromMs: startMs + 1000 * warmupS, toMs: startMs + 1000 * (durationS - cooldownS) };
}

/** Ends a test when its time is over or one of its rules is met, and knows why it ended. */
export class TestEnd {
  readonly #phase: TestPhase;
  readonly #watch: EndingWatch;
  readonly #timer: NodeJS.Timeout | undefined;
  #met: MetRule | undefined;
  #atMs: number | undefined;

  constructor(test: LoadTest, phase: TestPhase) {
    const { durationS } = test;
    this.#phase = phase;
    this.#watch = new EndingWatch(test);
    if (durationS === undefined) return;
    const endMs = phase.startMs + 1000 * durationS;
    this.#timer = setTimeout(
      () => this.#end({ reason: 'duration', detail: '' }, endMs),
      Math.max(0, endMs - nowMs()),
    );
  }

  /** Looks at the rules; does nothing once sending has ended. */
  see(log: RequestLog, counters: Readonly<StreamCounters>): void {
    if (this.#met !== undefined) return;
    const atMs = nowMs();
    const met = this.#watch.see(log, counters, { startMs: this.#phase.startMs, nowMs: atMs });
    if (met !== undefined) this.#end(met, atMs);
  }

  /** Stops the clock. */
  dispose(): void {
    clearTimeout(this.#timer);
  }

  /** Why the test ended. */
  of(log: RequestLog, interrupted: boolean): EndedBy {
    const atMs = this.#atMs ?? lastSendMs(log, this.#phase.startMs);
    const reason = interrupted ? 'interruption' : (this.#met?.reason ?? 'requests');
    const detail = this.#met?.detail;
    return {
      reason,
      at_s: (atMs - this.#phase.startMs) / 1000,
      in_flight: inFlightAt(log, atMs),
      abandoned: log.count(RequestState.abandoned),
      ...defined({ detail: detail === '' || interrupted ? undefined : detail }),
    };
  }

  #end(met: MetRule, atMs: number): void {
    if (this.#met !== undefined) return;
    this.#met = met;
    this.#atMs = atMs;
    Atomics.store(this.#phase.stop, 0, 1);
  }
}

function lastSendMs(log: RequestLog, startMs: number): number {
  let lastMs = startMs;
  for (const atMs of log.startMs) if (atMs > lastMs) lastMs = atMs;
  return lastMs;
}

/** Whether a test ended because the server could not serve it, so that it did not measure what was asked. */
export function isGivenUp({ reason }: EndedBy): boolean {
  return reason === 'saturation' || reason === 'errors';
}

/** The window that the figures of an ended test are about: no later than its last possible send, and empty before it. */
export function endedWindow(window: TestWindow, startMs: number, ended: EndedBy): TestWindow {
  const lastMs = Math.min(window.toMs, startMs + 1000 * ended.at_s);
  return { ...window, toMs: Math.max(window.fromMs, lastMs) };
}
