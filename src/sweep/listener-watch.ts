import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../failures/index.ts';
import { EngineFailure, type RunningEngine } from '../launchers/index.ts';
import { type Explainer, measurementFailure } from './engine-failure.ts';

/** Between two looks while a point is measured: seldom enough to cost an engine nothing. */
const everyMs = 30_000;

interface Refused {
  readonly state: 'failed';
  readonly failure: Failure;
}

/** What takes the requests of an engine, as a text that is another one once something else does. */
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

/** Looks who takes the requests. */
export async function listenerOf(watched: Watched): Promise<Listening> {
  try {
    return { state: 'known', sockets: await watched.engine.listener?.() };
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    return { state: 'failed', failure: measurementFailure(error, watched) };
  }
}

/** Whether requests were taken by something else at first; what cannot be seen is nothing else. */
export function isAnother(first: string | undefined, then: string | undefined): boolean {
  return first !== undefined && then !== undefined && first !== then;
}

/** Looks again and again while a point is measured, so that nothing is measured to its end that is not the engine. */
export class ListenerWatch {
  readonly #ended = new AbortController();
  readonly #found = new AbortController();
  #failure: Refused | undefined;

  constructor(first: string | undefined, watched: Watched, intervalMs = everyMs) {
    if (watched.engine.listener === undefined) return;
    this.#watch(first, watched, intervalMs).catch(() => {
      // The look after the measurement meets the same, where somebody waits for it.
    });
  }

  /** Aborted when something else takes the requests. */
  get signal(): AbortSignal {
    return this.#found.signal;
  }

  /** What was found then. */
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
