import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { WorkError } from '../../errors.ts';
import { tokenLabel } from './argv.ts';
import type { Daemon } from './daemon.ts';

/** How long a container may take to disappear after `docker rm --force`. */
const goneMs = 30_000;
const pollMs = 200;

/** States in which a container has processes, or may get some; `dead` and `removing` containers have none. */
const liveStates = ['created', 'restarting', 'running', 'paused'];

const inspected = z.object({
  Id: z.string(),
  State: z.object({
    Running: z.boolean(),
    OOMKilled: z.boolean(),
    ExitCode: z.int(),
    StartedAt: z.string(),
  }),
});

/** What the daemon reports about a container. */
export interface SeenContainer {
  readonly id: string;
  readonly running: boolean;
  /** Whether its command was ever started. */
  readonly started: boolean;
  readonly exitCode: number;
  /** Whether the kernel killed one of its processes because memory ran out. */
  readonly outOfMemory: boolean;
}

/** Containers of a daemon, found by their token label. */
export class Containers {
  readonly #daemon: Daemon;
  readonly #graceS: number;

  constructor(daemon: Daemon, graceS: number) {
    this.#daemon = daemon;
    this.#graceS = graceS;
  }

  /** The container with a token, running or not; undefined if there is none. */
  async see(token: string, onAway?: () => void): Promise<SeenContainer | undefined> {
    const [id] = await this.#list(token, [], onAway);
    if (id === undefined) return undefined;
    const { code, stdout } = await this.#daemon.run(['inspect', '--format', '{{json .}}', id], onAway);
    // It may have been removed since it was listed.
    if (code !== 0) return undefined;
    const { Id, State } = inspectedOf(stdout);
    return {
      id: Id,
      running: State.Running,
      started: !State.StartedAt.startsWith('0001-'),
      exitCode: State.ExitCode,
      outOfMemory: State.OOMKilled,
    };
  }

  /** Stops and removes the containers with a token. Resolves when none is running, with whether any was. */
  async remove(token: string): Promise<boolean> {
    const live = async () => await this.#list(token, liveStates);
    const found = await live();
    for (const id of found) await this.#daemon.run(['stop', '--time', String(this.#graceS), id]);
    const start = performance.now();
    for (let left = found; left.length > 0; left = await live()) {
      if (performance.now() - start > goneMs)
        throw new WorkError(`containers ${left.join(', ')} could not be stopped`, { code: 'engine-failed' });
      for (const id of left) await this.#daemon.run(['rm', '--force', id]);
      await delay(pollMs);
    }
    // A stopped container only occupies its name, and after a crash the daemon may be unable to remove it.
    for (const id of await this.#list(token, [])) await this.#daemon.run(['rm', '--force', id]);
    return found.length > 0;
  }

  async #list(token: string, states: readonly string[], onAway?: () => void): Promise<string[]> {
    const filters = [`label=${tokenLabel}=${token}`, ...states.map((state) => `status=${state}`)];
    const argv = ['ps', '--all', '--quiet', ...filters.flatMap((filter) => ['--filter', filter])];
    const { code, stdout, stderr } = await this.#daemon.run(argv, onAway);
    if (code !== 0) throw new WorkError(`docker ps failed: ${stderr.trim()}`, { code: 'engine-failed' });
    return stdout.split('\n').filter((id) => id !== '');
  }
}

function inspectedOf(text: string): z.output<typeof inspected> {
  try {
    return inspected.parse(JSON.parse(text));
  } catch (cause) {
    throw new WorkError(`unexpected answer of docker inspect: ${text.trim().slice(0, 200)}`, {
      code: 'engine-failed',
      cause,
    });
  }
}
