import { setTimeout as delay } from 'node:timers/promises';
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
   * Runs a command to its end, again if the daemon was away. Throws EngineFailure if it stays away, and HostFailure if
   * the command cannot be run.
   */
  async run(argv: readonly string[], onAway: () => void = () => {}): Promise<CommandOutput> {
    const start = performance.now();
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, mostPauseMs)) {
      const output = await this.#host.run(['docker', ...argv], { timeoutMs: this.#commandMs });
      if (output.code === 0 || !lostDaemon(output.stderr)) return output;
      if (performance.now() - start > this.#absenceMs) {
        const said = output.stderr.trim().split('\n').at(-1) ?? '';
        throw new EngineFailure(
          'node-lost',
          `docker has not answered for ${this.#absenceMs / 1000} s: ${said}`,
          output.stderr,
        );
      }
      onAway();
      await delay(pauseMs);
    }
  }
}
