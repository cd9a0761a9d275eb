import { setInterval } from 'node:timers/promises';
import { InputError, WorkError } from '../../errors.ts';
import { identityOf, isAlive, type ProcessIdentity } from '../../process/identity.ts';

/** How often the process is looked at, ms. */
const intervalMs = 2000;

/** The process of the server that is measured. A test that it does not outlive has failed. */
export class ServerProcess {
  readonly #identity: ProcessIdentity;
  readonly #ended = new AbortController();
  readonly #stopped = new AbortController();

  private constructor(identity: ProcessIdentity) {
    this.#identity = identity;
  }

  /** Starts watching a process on this machine. Throws InputError if there is none with this number. */
  static async watch(pid: number): Promise<ServerProcess> {
    const identity = await identityOf(pid);
    if (identity === undefined)
      throw new InputError(
        `--server-pid: there is no process ${pid} on this machine`,
        'give the number of the running server, such as $! after it was started',
      );
    const watched = new ServerProcess(identity);
    void watched.#look();
    return watched;
  }

  /** Aborts when the process has ended. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Throws WorkError if the process has ended, with the error that this led to as its cause. */
  async check(cause?: unknown): Promise<void> {
    if (await isAlive(this.#identity)) return;
    throw new WorkError(`the server (process ${this.#identity.pid}) ended during the test`, {
      cause,
      hint: 'its log says why; nothing was saved of this test',
    });
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #look(): Promise<void> {
    try {
      for await (const _ of setInterval(intervalMs, undefined, { signal: this.#stopped.signal, ref: false }))
        if (!(await isAlive(this.#identity))) {
          this.#ended.abort();
          return;
        }
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error;
    }
  }
}
