import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { findSweep, type KeptSweep, type Sweep, SweepDirectory } from '../sweep/index.ts';
import type { StateFolder } from './state-folder.ts';

/** What a sweep is to measure, and in which order. */
export type AskedSweep = Omit<Sweep, 'sweepId' | 'createdAt' | 'command'>;

/** Writes down a new sweep, so that whatever happens next can be resumed. */
export async function createSweep(
  state: StateFolder,
  command: string,
  asked: AskedSweep,
  sweepId = newSweepId(command, new Date()),
): Promise<KeptSweep> {
  const sweep: Sweep = { sweepId, createdAt: new Date().toISOString(), command, ...asked };
  const directory = new SweepDirectory(join(state.runs, sweepId));
  await directory.write(sweep);
  return { directory, sweep };
}

/** The sweep of an id if it was begun before and cut off, so that what is measured is kept; otherwise a new one. */
export async function openSweep(
  state: StateFolder,
  sweepId: string,
  command: string,
  asked: () => Promise<AskedSweep>,
): Promise<KeptSweep> {
  const directory = new SweepDirectory(join(state.runs, sweepId));
  if (directory.isBegun) return { directory, sweep: await directory.read() };
  return await createSweep(state, command, await asked(), sweepId);
}

/** The sweep to go on with: that of an id, or the newest. Throws InputError if it does not exist. */
export async function sweepToResume(state: StateFolder, sweepId: string | undefined): Promise<KeptSweep> {
  const found = await findSweep(state.runs, sweepId);
  if (found !== undefined) return found;
  throw new InputError(
    sweepId === undefined
      ? `there is no sweep in ${state.runs}`
      : `there is no sweep ${sweepId} in ${state.runs}`,
    'start one with --config-keys, or choose its folder with --state-dir',
  );
}

/** `run-20260114-101500-3f9a`: sorts by time and is unlike that of a sweep started in the same second. */
export function newSweepId(name: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${name}-${time}-${randomBytes(2).toString('hex')}`;
}
