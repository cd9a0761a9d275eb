import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../failures/index.ts';
import { EngineFailure, type RunningEngine } from '../launchers/index.ts';
import { type Explainer, measurementFailure } from './engine-failure.ts';

/** Interval between two looks during a measurement, in ms; long enough to cost the engine nothing. */
const everyMs = 30_000;

interface Refused {
  readonly state: 'failed';
  readonly failure: Failure;
}

/** The sockets that take an engine's requests, as a text that changes when another process listens. */
type Listening = { readonly state: 'known'; readonly sockets: string | undefined } | Refused;

interface Watched extends Explainer {
  readonly engine: Pick<RunningEngine, 'listener'>;
}

export const otherServer: Refused = {
  state: 'failed',
  failure: {
    failureClass: 'load-test',
    message: 'another server took the place of the one that was measured at first',
  },
};

/** Looks up which sockets take the requests. */
export async function listenerOf(watched: Watched): Promise<Listening> {
  try {
    return { state: 'known', sockets: await watched.engine.listener?.() };
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    return { state: 'failed', failure: measurementFailure(error, watched) };
  }
}

/** Whether the requests went to another listener at first; an unknown listener does not count. */
export function isAnother(first: string | undefined, then: string | undefined): boolean {
  return first !== undefined && then !== undefined && first !== then;
}

/**
 * Checks regularly during a measurement that the requests still go to the measured engine, and ends the
 * measurement if not.
 */
export class ListenerWatch {
  readonly #ended = new AbortController();
  readonly #found = new AbortController();
  #failure: Refused | undefined;

  constructor(first: string | undefined, watched: Watched, intervalMs = everyMs) {
    if (watched.engine.listener === undefined) return;
    this.#watch(first, watched, intervalMs).catch(() => {
      // The look after the measurement gets the same error and handles it.
    });
  }

  /** Aborts when another process takes the requests. */
  get signal(): AbortSignal {
    return this.#found.signal;
  }

  /** The failure that aborted the signal. */
  get failure(): Refused | undefined {
    return this.#failure;
  }

  end(): void {
    this.#ended.abort();
  }

  async #watch(first: string | undefined, watched: Watched, intervalMs: number): Promise<void> {
    const { signal } = this.#ended;
    for (;;) {
      await delay(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      const now = await listenerOf(watched);
      if (signal.aborted) return;
      if (now.state === 'failed') this.#failure = now;
      else if (isAnother(first, now.sockets)) this.#failure = otherServer;
      if (this.#failure === undefined) continue;
      this.#found.abort();
      return;
    }
  }
}
