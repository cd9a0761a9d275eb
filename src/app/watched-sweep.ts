import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AddedBetween, type Configured, changelogAtRef } from '../changelog/index.ts';
import type { RunnerPools } from '../config/index.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';
import type { MatrixEntry } from '../matrix/index.ts';
import { type KeptSweep, SweepDirectory } from '../sweep/index.ts';
import type { Occasion, SweepEnd } from '../watch/index.ts';
import { checkedPlan } from './checked-plan.ts';
import { NothingMeasured } from './perform-sweep.ts';
import { staleOf } from './stale-entries.ts';
import type { StateFolder } from './state-folder.ts';
import { createSweep } from './sweeps.ts';
import type { WatchedRepository } from './watched-repository.ts';

/** How to run the sweeps of a watch. */
export interface WatchedSweepOptions {
  readonly repository: WatchedRepository;
  readonly changelogFile: string;
  /** Maximum age of a measurement each time the schedule fires, in seconds. */
  readonly olderThanS: number;
  readonly state: StateFolder;
  /** Location of the store. */
  readonly store: string;
  /**
   * Runs a sweep to its end and returns how many of its points or checks failed. Throws if the user
   * interrupts it.
   */
  readonly perform: (kept: KeptSweep, pools: RunnerPools) => Promise<{ readonly failed: number }>;
  /** The latest commit of the ref, whose configs the schedule measures. */
  readonly head: () => string;
}

/**
 * Runs or resumes the sweep for an occasion. The sweep's id identifies what an earlier crash left. Throws
 * what `perform` throws if the user interrupts it.
 */
export async function watchedSweep(
  sweepId: string,
  occasion: Occasion,
  options: WatchedSweepOptions,
): Promise<SweepEnd> {
  try {
    const commit = occasion.kind === 'change' ? occasion.head : options.head();
    const configFolder = join(options.state.path, 'watch', 'configs');
    const { configs, pools } = await asking(options.repository.configsAt(commit, configFolder));
    const directory = new SweepDirectory(join(options.state.runs, sweepId));
    if (!directory.isBegun) {
      const entries =
        occasion.kind === 'change'
          ? await asking(asked(occasion, { configs, pools }, options))
          : await staleAt(occasion.dueAt, { configs, pools }, options);
      const { plan } = await asking(checkedPlan({ entries, pools }, {}, 'run'));
      if (plan.sessions.length === 0) return { state: 'nothing-asked' };
      await createSweep(options.state, 'watch', { plan }, sweepId);
    }
    const { failed } = await options.perform({ directory, sweep: await directory.read() }, pools);
    return { state: 'measured', failed };
  } catch (error) {
    if (error instanceof Impossible) return { state: 'impossible', reason: error.message };
    if (error instanceof NothingMeasured) return { state: 'measured', failed: error.failed };
    const reason = passingTrouble(error);
    if (reason === undefined) throw error;
    return { state: 'postponed', reason };
  }
}

/**
 * The message for a temporary problem that someone can fix, such as a full disk, an unreachable database, or
 * another process running the sweep; undefined for bugs and for interruption by the user.
 */
export function passingTrouble(error: unknown): string | undefined {
  if (error instanceof InputError) return error.message;
  if (error instanceof WorkError)
    return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  return error instanceof Error && 'syscall' in error ? messageOf(error) : undefined;
}

/** The request of a commit is invalid; a retry will not help. */
class Impossible extends Error {}

/** Reads the request of a commit. Errors in it are permanent. */
async function asking<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof InputError) throw new Impossible(error.message, { cause: error });
    throw error;
  }
}

async function staleAt(
  dueAt: string,
  found: Configured,
  { store, olderThanS }: WatchedSweepOptions,
): Promise<MatrixEntry[]> {
  const since = new Date(Date.parse(dueAt) - olderThanS * 1000);
  return (await staleOf({ ...found, store, since })).stale.map(({ entry }) => entry);
}

async function asked(
  { base, head }: Occasion & { readonly kind: 'change' },
  configured: Configured,
  { repository, changelogFile: file, state }: WatchedSweepOptions,
): Promise<MatrixEntry[]> {
  const [before, after] = await Promise.all(
    [base, head].map((ref) => changelogAtRef({ repository: repository.path, file, ref })),
  );
  if (isDeepStrictEqual(before, after)) return [];
  const sides = {
    head: configured,
    base: () => repository.configsAt(base, join(state.path, 'watch', 'configs-before')),
  };
  return await (await AddedBetween.read({ repository: repository.path, file, base, head }, sides)).measured();
}
