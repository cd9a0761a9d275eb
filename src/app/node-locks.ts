import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type LockHolder, type Release, tryLock } from '../process/lock.ts';
import type { StateFolder } from './state-folder.ts';

/**
 * Takes nodes so that no two sweeps measure on one at the same time: neither sweeps that share the state folder,
 * wherever they run, nor others on this machine. The place of the latter can be moved by INFERENCEMAX_LOCK_DIR.
 */
export function nodeLocks(
  state: StateFolder,
  sweepId: string,
): (node: string) => Promise<Release | LockHolder> {
  const machine = process.env.INFERENCEMAX_LOCK_DIR ?? join(tmpdir(), `inferencemax-${userInfo().uid}`);
  return async (node) => {
    const file = `${encodeURIComponent(node)}.lock`;
    const shared = await tryLock(join(state.nodeLocks, file), sweepId);
    if (typeof shared !== 'function') return shared;
    const own = await tryLock(join(machine, 'nodes', file), sweepId);
    if (typeof own !== 'function') {
      await shared();
      return own;
    }
    return async () => {
      await own();
      await shared();
    };
  };
}
