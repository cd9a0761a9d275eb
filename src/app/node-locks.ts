import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type LockHolder, type Release, tryLock } from '../process/lock.ts';
import type { StateFolder } from './state-folder.ts';

/**
 * Locks what nodes claim, so that no two sweeps measure with it at the same time: neither sweeps that share
 * the state folder, on any machine, nor others on this machine. INFERENCEMAX_LOCK_DIR overrides the folder of
 * the latter locks.
 */
export function nodeLocks(
  state: StateFolder,
  sweepId: string,
): (claims: readonly string[]) => Promise<Release | LockHolder> {
  const machine = process.env.INFERENCEMAX_LOCK_DIR ?? join(tmpdir(), `inferencemax-${userInfo().uid}`);
  return async (claims) => {
    const taken: Release[] = [];
    const letGo = async () => {
      for (const release of taken.toReversed()) await release();
    };
    for (const claim of claims) {
      for (const folder of [state.nodeLocks, join(machine, 'nodes')]) {
        const lock = await tryLock(join(folder, `${encodeURIComponent(claim)}.lock`), sweepId);
        if (typeof lock !== 'function') {
          await letGo();
          return lock;
        }
        taken.push(lock);
      }
    }
    return letGo;
  };
}
