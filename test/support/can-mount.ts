import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';

/** Whether this process may mount a small disk, in order to fill it. */
export function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
