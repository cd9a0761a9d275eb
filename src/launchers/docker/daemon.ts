import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../../defined/defined.ts';
import type { CommandOutput, Host } from '../../hosts/index.ts';
import { EngineFailure } from '../engine-failure.ts';

/** How docker's client says that the daemon is not there, or left while it was asked. */
const wordsOfAbsence =
  /Cannot connect to the Docker daemon|Is the docker daemon running|error during connect|(?:unexpected )?\bEOF$|connection (?:refused|reset by peer)|daemon is shutting down/m;

/** Whether docker's client says that it has lost the daemon, or has not found it. */
export function lostDaemon(said: string): boolean {
  return wordsOfAbsence.test(said);
}

const firstPauseMs = 100;
const mostPauseMs = 5_000;

/** How long a daemon that is away is waited for, where that is not as usual. */
interface Waiting {
  readonly absenceMs?: number;
  readonly signal?: AbortSignal;
}

/** The daemon of a host, by its client. One that is restarted is back in seconds, so it is asked again for a while. */
export class Daemon {
  readonly #host: Host;
  readonly #commandMs: number;
  readonly #absenceMs: number;

  /**
   * @param times How long one command may take, and how long the daemon may be away.
   */
  constructor(host: Host, times: { readonly commandMs: number; readonly absenceMs: number }) {
    this.#host = host;
    this.#commandMs = times.commandMs;
    this.#absenceMs = times.absenceMs;
  }

  /**
   * Runs a command to its end, again if the daemon was away. Throws EngineFailure if it stays away, HostFailure if the
   * command cannot be run, and the signal's reason if aborted.
   */
  async run(
    argv: readonly string[],
    onAway: (said: string) => void = () => {},
    { absenceMs = this.#absenceMs, signal }: Waiting = {},
  ): Promise<CommandOutput> {
    const start = performance.now();
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, mostPauseMs)) {
      const output = await this.#host.run(['docker', ...argv], {
        timeoutMs: this.#commandMs,
        ...defined({ signal }),
      });
      if (output.code === 0 || !lostDaemon(output.stderr)) return output;
      const said = output.stderr.trim().split('\n').at(-1) ?? '';
      if (performance.now() - start > absenceMs) {
        throw new EngineFailure(
          'node-lost',
          `docker has not answered for ${absenceMs / 1000} s: ${said}`,
          output.stderr,
        );
      }
      onAway(said);
      await delay(pauseMs, undefined, defined({ signal })).catch(() => signal?.throwIfAborted());
    }
  }
}
