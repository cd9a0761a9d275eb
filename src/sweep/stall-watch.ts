import type { LoadProgress } from '../load/index.ts';

/**
 * Detects an engine that stopped answering. Requests are given up one by one after `stallS` seconds without a
 * byte. If some were given up and none completed for another `stallS`, the rest need not be waited for.
 */
export class StallWatch {
  readonly #stallS: number;
  readonly #ended = new AbortController();
  #completed = 0;
  #failedThen = 0;
  #answeredS = 0;
  #silentS: number | undefined;

  constructor(stallS: number) {
    this.#stallS = stallS;
  }

  /** Seconds without a completed request, once requests are given up; undefined while the engine answers. */
  get silentS(): number | undefined {
    return this.#silentS;
  }

  /** Aborts when the engine has stopped answering. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  see({ completed, failed, elapsedS }: LoadProgress): void {
    if (completed > this.#completed) {
      this.#completed = completed;
      this.#failedThen = failed;
      this.#answeredS = elapsedS;
    }
    this.#silentS = failed > this.#failedThen ? elapsedS - this.#answeredS : undefined;
    if (this.#silentS !== undefined && this.#silentS > 2 * this.#stallS) this.#ended.abort();
  }
}
