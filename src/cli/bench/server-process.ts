import { setInterval } from 'node:timers/promises';
import { InputError, WorkError } from '../../errors.ts';
import { identityOf, isAlive, type ProcessIdentity } from '../../process/identity.ts';

/** Interval between checks of the process, ms. */
const intervalMs = 2000;

/** The process of the measured server. If it ends during a test, the test has failed. */
export class ServerProcess {
  readonly #identity: ProcessIdentity;
  readonly #ended = new AbortController();
  readonly #stopped = new AbortController();

  private constructor(identity: ProcessIdentity) {
    this.#identity = identity;
  }

  /** Starts watching a process on this machine. Throws InputError if there is no process with this pid. */
  static async watch(pid: number): Promise<ServerProcess> {
    const identity = await identityOf(pid);
    if (identity === undefined)
      throw new InputError(
        `--server-pid: there is no process ${pid} on this machine`,
        'give the pid of the running server, such as $! after its start',
        { code: 'bad-option' },
      );
    const watched = new ServerProcess(identity);
    void watched.#look();
    return watched;
  }

  /** Aborts when the process has ended. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Checks that the process still runs. Throws WorkError if not, with the resulting error of the test as its cause. */
  async check(cause?: unknown): Promise<void> {
    if (await isAlive(this.#identity)) return;
    throw new WorkError(`the server (process ${this.#identity.pid}) ended during the test`, {
      code: 'cannot-connect',
      cause,
      hint: 'see its log for the cause; no results of this test were saved',
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
