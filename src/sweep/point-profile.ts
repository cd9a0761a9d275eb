import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Reservation, WorkFiles } from '../launchers/index.ts';
import { namedTraces } from '../trace-names.ts';
import type { SweepDirectory } from './sweep-directory.ts';

/** The folder of an engine's traces, below the session's folder. */
export const profileFolder = 'profile';

/** The traces of a point: their names in the sweep's folder of profiles, and what was wrong with them. */
export interface KeptTraces {
  readonly names: readonly string[];
  readonly doubts: readonly string[];
}

/** Keeps the traces that an engine's profiler writes during one point. */
export class PointProfile {
  readonly #files: WorkFiles;
  readonly #before: ReadonlySet<string>;

  private constructor(files: WorkFiles, before: ReadonlySet<string>) {
    this.#files = files;
    this.#before = before;
  }

  /** Remembers the traces of earlier points, if any are left; undefined if the engine's files cannot be read. */
  static async begin({ workFiles }: Pick<Reservation, 'workFiles'>): Promise<PointProfile | undefined> {
    if (workFiles === undefined) return undefined;
    const before = await workFiles.list(profileFolder).catch(() => []);
    return new PointProfile(workFiles, new Set(before));
  }

  /** Moves the new traces into the sweep's folder of profiles. An error never costs the measurement. */
  async keep(
    { profiles }: Pick<SweepDirectory, 'profiles'>,
    resultFilename: string,
    signal: AbortSignal,
  ): Promise<KeptTraces> {
    const names: string[] = [];
    try {
      const written = (await this.#files.list(profileFolder)).filter((file) => !this.#before.has(file));
      if (written.length === 0) return { names, doubts: ["the engine's profiler wrote no trace"] };
      await mkdir(profiles, { recursive: true });
      for (const { file, name } of namedTraces(written, resultFilename)) {
        await this.#files.take(join(profileFolder, file), join(profiles, name), { signal });
        names.push(name);
      }
      return { names, doubts: [] };
    } catch (error) {
      signal.throwIfAborted();
      return { names, doubts: [`a trace of the engine's profiler could not be kept: ${messageOf(error)}`] };
    }
  }
}
