import { constants } from 'node:os';
import type { ProcessExit } from '../hosts/index.ts';

/**
 * The end of a process as its client reports it: docker, srun and shells say 128 and the signal's number of one that a
 * signal ended.
 */
export function exitOf(code: number | null, signal: string | null): ProcessExit {
  if (code === null || code <= 128) return { code, signal };
  const [name] = Object.entries(constants.signals).find(([, number]) => number === code - 128) ?? [];
  return name === undefined ? { code, signal } : { code: null, signal: name };
}
