import { randomBytes } from 'node:crypto';

/** `run-20260114-101500-3f9a`: sorts by time and is unlike that of a sweep started in the same second. */
export function newSweepId(name: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${name}-${time}-${randomBytes(2).toString('hex')}`;
}
