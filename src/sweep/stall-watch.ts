import type { LoadProgress } from '../load/index.ts';

/**
 * Watches a measurement whose requests are given up one by one after `stallS` without a byte: when some were and none
 * was answered for as long again, the engine has stopped answering and the rest need not be waited for.
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

  /** For how long nothing was answered, once requests are given up for it; undefined while it answers. */
  get silentS(): number | undefined {
    return this.#silentS;
  }

  /** Aborted when the engine has stopped answering. */
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
