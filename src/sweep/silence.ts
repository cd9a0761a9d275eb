import { messageOf } from '../errors.ts';
import { LogWatch, type RunningEngine, whatItDoes } from '../launchers/index.ts';
import type { StallWatch } from './stall-watch.ts';

/** A measured engine, with a callback for when it stops answering. */
export interface SilentEngine {
  readonly engine: RunningEngine;
  /**
   * Called once when an engine stops answering, with a description of what it is doing, and the timeout in
   * seconds after which it is given up.
   */
  readonly onSilence?: ((what: string, timeoutS: number) => void) | undefined;
}

/** Interval in ms at which the log is read during a measurement. */
const lookMs = 10_000;
/** A log without a new line for this many seconds, while requests wait, is reported too. */
const quietS = 30;

/**
 * Watches a measured engine that may stop answering: follows its log, and reports what it is doing if it
 * does.
 */
export class Silence {
  readonly #stall: StallWatch;
  readonly #stallS: number;
  readonly #silent: SilentEngine;
  readonly #log: LogWatch;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #told = false;

  constructor(stall: StallWatch, stallS: number, silent: SilentEngine) {
    this.#stall = stall;
    this.#stallS = stallS;
    this.#silent = silent;
    this.#log = new LogWatch(silent.engine);
  }

  /**
   * Called after each progress of the measurement: reads the log at intervals, and reports a silence once.
   */
  see(): void {
    const { silentS } = this.#stall;
    if (performance.now() - this.#lookedMs > lookMs) {
      this.#lookedMs = performance.now();
      void this.#log.look(this.#lookedMs, quietS);
    }
    if (silentS === undefined) this.#told = false;
    else if (!this.#told) {
      this.#told = true;
      void this.#tell(silentS);
    }
  }

  async inWords(): Promise<string | undefined> {
    const quiet = await this.#log.look(performance.now(), Math.min(quietS, this.#stallS));
    return await whatItDoes(quiet, this.#silent.engine);
  }

  async #tell(silentS: number): Promise<void> {
    const does = await this.inWords().catch(messageOf);
    const what = `the engine to answer, which it has not done for ${Math.round(silentS)} s`;
    this.#silent.onSilence?.(does === undefined ? what : `${what}: ${does}`, 2 * this.#stallS);
  }
}
