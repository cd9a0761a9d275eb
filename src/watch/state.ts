import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { WorkError } from '../errors.ts';

/** Why a sweep runs: the changelog changed, or the schedule fired. */
const occasion = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('change'), base: z.string(), head: z.string() }),
  z.object({ kind: z.literal('schedule'), dueAt: z.iso.datetime() }),
]);

const watchState = z.object({
  /** The last commit whose changelog was handled. */
  seen: z.string(),
  /** The schedule was handled up to this time. */
  scheduledUpTo: z.iso.datetime(),
  /**
   * The sweep that was started and has not ended. Its id is derived from the occasion, so a restart after a
   * crash continues it instead of starting a second one.
   */
  current: z.object({ sweepId: z.string(), occasion }).optional(),
  /** Some measurements are not published yet. */
  publishDue: z.boolean(),
});

export type Occasion = z.infer<typeof occasion>;

/** The progress of a watch: everything a restart needs. */
export type WatchState = z.infer<typeof watchState>;

/** Reads the state that an earlier watch left in `file`, or undefined if it does not exist. */
export async function readWatchState(file: string): Promise<WatchState | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return watchState.parse(JSON.parse(text));
  } catch (error) {
    throw new WorkError(`${file} is not the state of a watch`, {
      code: 'bad-json',
      cause: error,
      hint: 'move it away to start at the current commit, or also pass --since REF',
    });
  }
}

/** Writes the state of a watch atomically. */
export async function writeWatchState(file: string, state: WatchState): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(state, null, 2)}\n`);
}
