import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { entriesBetween, fileAtRef } from '../changelog/index.ts';
import { Interrupted, interruptedExitCode } from '../cli/interrupt.ts';
import type { RunnerPools } from '../config/index.ts';
import { InputError, WorkError } from '../errors.ts';
import type { MatrixEntry } from '../matrix/index.ts';
import type { Plan } from '../plan/index.ts';
import { RunDirectory, type Sweep } from '../sweep/index.ts';
import type { Occasion, SweepEnd } from '../watch/index.ts';
import { type PerformOptions, performSweep } from './perform-sweep.ts';
import { planEntries } from './planning.ts';
import { staleOf } from './stale-entries.ts';
import type { WatchedRepository } from './watched-repository.ts';

/** How the sweeps of a watch are run. */
export interface WatchedSweepOptions {
  readonly repository: WatchedRepository;
  readonly changelogFile: string;
  /** How old a measurement may be when the schedule is due, seconds. */
  readonly olderThanS: number;
  readonly perform: Omit<PerformOptions, 'pools'>;
  /** The commit that the ref named last, whose configs the schedule measures. */
  readonly head: () => string;
}

/**
 * Runs, or goes on with, the sweep that an occasion asks for. What a crash left of it is found by its id. Throws
 * Interrupted when the user ends it.
 */
export async function watchedSweep(
  sweepId: string,
  occasion: Occasion,
  options: WatchedSweepOptions,
): Promise<SweepEnd> {
  const { state } = options.perform;
  const directory = new RunDirectory(join(state.runs, sweepId));
  const commit = occasion.kind === 'change' ? occasion.head : options.head();
  try {
    const { configs, pools } = await options.repository.configsAt(
      commit,
      join(state.path, 'watch', 'configs'),
    );
    const entries = async () =>
      occasion.kind === 'change'
        ? await asked(occasion, configs, options)
        : (
            await staleOf({
              configs,
              pools,
              store: options.perform.store,
              since: new Date(Date.parse(occasion.dueAt) - options.olderThanS * 1000),
            })
          ).map(({ entry }) => entry);
    const sweep = (await found(directory)) ?? (await created(directory, sweepId, await entries(), pools));
    if (sweep === undefined) return { state: 'nothing-asked' };
    const exitCode = await performSweep(directory, sweep, { ...options.perform, pools });
    if (exitCode === interruptedExitCode) throw new Interrupted('interrupted');
    return { state: 'measured', failed: exitCode === 0 ? 0 : 1 };
  } catch (error) {
    if (error instanceof InputError || error instanceof WorkError) {
      return { state: 'impossible', reason: error.message };
    }
    throw error;
  }
}

type Configs = Awaited<ReturnType<WatchedRepository['configsAt']>>['configs'];

async function asked(
  { base, head }: Occasion & { readonly kind: 'change' },
  configs: Configs,
  { repository, changelogFile: file }: WatchedSweepOptions,
): Promise<MatrixEntry[]> {
  const [before, after] = await Promise.all([base, head].map((ref) => fileAtRef(repository.path, ref, file)));
  if (before === after) return [];
  return await entriesBetween({ repository: repository.path, file, base, head }, configs);
}

async function found(directory: RunDirectory): Promise<Sweep | undefined> {
  return existsSync(directory.path) ? await directory.read() : undefined;
}

async function created(
  directory: RunDirectory,
  sweepId: string,
  entries: readonly MatrixEntry[],
  pools: RunnerPools,
): Promise<Sweep | undefined> {
  const plan: Plan = await planEntries({ entries, pools });
  if (plan.sessions.length === 0) return undefined;
  const sweep: Sweep = { sweepId, createdAt: new Date().toISOString(), command: 'watch', plan };
  await directory.create(sweep);
  return sweep;
}
