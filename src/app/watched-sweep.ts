import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { entriesBetween, fileAtRef } from '../changelog/index.ts';
import type { RunnerPools } from '../config/index.ts';
import { InputError, WorkError } from '../errors.ts';
import type { MatrixEntry } from '../matrix/index.ts';
import { type KeptSweep, SweepDirectory } from '../sweep/index.ts';
import type { Occasion, SweepEnd } from '../watch/index.ts';
import { checkedPlan } from './checked-plan.ts';
import { staleOf } from './stale-entries.ts';
import type { StateFolder } from './state-folder.ts';
import { createSweep } from './sweeps.ts';
import type { WatchedRepository } from './watched-repository.ts';

/** How the sweeps of a watch are run. */
export interface WatchedSweepOptions {
  readonly repository: WatchedRepository;
  readonly changelogFile: string;
  /** How old a measurement may be when the schedule is due, seconds. */
  readonly olderThanS: number;
  readonly state: StateFolder;
  /** Where the store is. */
  readonly store: string;
  /** Runs a sweep to its end and returns how many points or checks of it failed; throws when the user ends it. */
  readonly perform: (kept: KeptSweep, pools: RunnerPools) => Promise<{ readonly failed: number }>;
  /** The commit that the ref named last, whose configs the schedule measures. */
  readonly head: () => string;
}

/**
 * Runs, or goes on with, the sweep that an occasion asks for. What a crash left of it is found by its id. Throws what
 * `perform` throws when the user ends it.
 */
export async function watchedSweep(
  sweepId: string,
  occasion: Occasion,
  options: WatchedSweepOptions,
): Promise<SweepEnd> {
  const { state, store } = options;
  const directory = new SweepDirectory(join(state.runs, sweepId));
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
              store,
              since: new Date(Date.parse(occasion.dueAt) - options.olderThanS * 1000),
            })
          ).map(({ entry }) => entry);
    if (!existsSync(directory.path)) {
      const { plan } = await checkedPlan({ entries: await entries(), pools }, {}, 'run');
      if (plan.sessions.length === 0) return { state: 'nothing-asked' };
      await createSweep(state, 'watch', { plan }, sweepId);
    }
    const { failed } = await options.perform({ directory, sweep: await directory.read() }, pools);
    return { state: 'measured', failed };
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
