import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../../defined/defined.ts';
import type { CommandOutput, Host } from '../../hosts/index.ts';
import { EngineFailure } from '../engine-failure.ts';

/** How the docker client reports that the daemon is unreachable, or that the connection broke. */
const connectionErrors =
  /Cannot connect to the Docker daemon|Is the docker daemon running|error during connect|(?:unexpected )?\bEOF$|connection (?:refused|reset by peer)|daemon is shutting down/m;

/** Whether the docker client reports that it cannot reach the daemon, or has lost it. */
export function lostDaemon(said: string): boolean {
  return connectionErrors.test(said);
}

const firstPauseMs = 100;
const mostPauseMs = 5_000;

/** Deviations from the usual wait for an unreachable daemon. */
interface Waiting {
  readonly absenceMs?: number;
  readonly signal?: AbortSignal;
}

/** Runs docker commands on a host, and retries while the daemon is unreachable: a restart takes only seconds. */
export class Daemon {
  readonly #host: Host;
  readonly #commandMs: number;
  readonly #absenceMs: number;

  /**
   * @param times Timeout of one command, and how long the daemon may be unreachable.
   */
  constructor(host: Host, times: { readonly commandMs: number; readonly absenceMs: number }) {
    this.#host = host;
    this.#commandMs = times.commandMs;
    this.#absenceMs = times.absenceMs;
  }

  /**
   * Runs a command, again after the daemon was unreachable. Throws EngineFailure if it stays unreachable, HostFailure if
   * the command cannot be run, and the signal's reason if aborted.
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
