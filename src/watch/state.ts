import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { WorkError } from '../errors.ts';

/** Why a sweep is run: a change of the changelog, or a time that has come. */
const occasion = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('change'), base: z.string(), head: z.string() }),
  z.object({ kind: z.literal('schedule'), dueAt: z.iso.datetime() }),
]);

const watchState = z.object({
  /** The last commit whose changelog was dealt with. */
  seen: z.string(),
  /** Up to when the schedule was dealt with. */
  scheduledUpTo: z.iso.datetime(),
  /** The sweep that was begun and not ended: its id follows from the occasion, so that no crash can begin it twice. */
  current: z.object({ sweepId: z.string(), occasion }).optional(),
  /** Something was measured that is not published yet. */
  publishDue: z.boolean(),
});

export type Occasion = z.infer<typeof occasion>;

/** How far a watch has come; everything a restart needs. */
export type WatchState = z.infer<typeof watchState>;

/** The state that an earlier watch left in a file, or undefined when there was none. */
export async function readWatchState(file: string): Promise<WatchState | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return watchState.parse(JSON.parse(text));
  } catch (error) {
    throw new WorkError(`${file} is not the state of a watch`, {
      cause: error,
      hint: 'move it away to begin at the commit of now, or give --since REF with it',
    });
  }
}

export async function writeWatchState(file: string, state: WatchState): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(state, null, 2)}\n`);
}
