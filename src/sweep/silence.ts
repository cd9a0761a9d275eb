import { messageOf } from '../errors.ts';
import { LogWatch, type RunningEngine, whatItDoes } from '../launchers/index.ts';
import type { StallWatch } from './stall-watch.ts';

/** An engine that is measured, and what is called when it falls silent. */
export interface SilentEngine {
  readonly engine: RunningEngine;
  /** Called once for an engine that has stopped answering, with what it does in words, and after how long it is given up. */
  readonly onSilence?: ((what: string, timeoutS: number) => void) | undefined;
}

/** Its log is looked at this often while a point is measured. */
const lookMs = 10_000;
/** A log that has said nothing for so long while requests wait is part of what is told, seconds. */
const quietS = 30;

/** An engine that is measured and may stop answering: what its log says meanwhile, and what it does then. */
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

  /** After each progress of the measurement: looks at the log now and then, and reports a silence once. */
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
