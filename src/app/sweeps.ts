import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { findSweep, type KeptSweep, type Sweep, SweepDirectory } from '../sweep/index.ts';
import type { StateFolder } from './state-folder.ts';

/** The content of a new sweep: its plan and the order of its sessions. */
export type AskedSweep = Omit<Sweep, 'sweepId' | 'createdAt' | 'command'>;

/** Writes a new sweep to disk, so that it can be resumed from now on. */
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

/**
 * The sweep with this id if it was started and interrupted earlier, with its measurements; otherwise a new
 * one.
 */
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

/** The sweep to resume: the one with this id, or the newest. Throws InputError if it does not exist. */
export async function sweepToResume(state: StateFolder, sweepId: string | undefined): Promise<KeptSweep> {
  const found = await findSweep(state.runs, sweepId);
  if (found !== undefined) return found;
  throw new InputError(
    sweepId === undefined
      ? `there is no sweep in ${state.runs}`
      : `there is no sweep ${sweepId} in ${state.runs}`,
    'start one with --config-keys, or choose its folder with --state-dir',
    { code: 'unknown-sweep' },
  );
}

/** An id such as `run-20260114-101500-3f9a`, which sorts by time and is unique within a second. */
export function newSweepId(name: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${name}-${time}-${randomBytes(2).toString('hex')}`;
}
