import { EngineFailure } from '../launchers/engine-failure.ts';
import type { Query } from '../launchers/preflight/query.ts';

/** Bytes free on the disk that holds a folder of a node, or the nearest folder above it that exists. */
export async function freeBytesAt(query: Query, folder: string): Promise<number> {
  for (let path = folder; ; path = path.slice(0, path.lastIndexOf('/')) || '/') {
    const { code, stdout, stderr } = await query(['df', '-P', '-k', path]);
    const available = stdout.trim().split('\n').at(-1)?.split(/\s+/)[3];
    if (code === 0 && available !== undefined) return Number(available) * 1024;
    if (path === '/' || path === '')
      throw new EngineFailure('cannot-start', `df ${folder} failed: ${stderr.trim()}`);
  }
}

/** Throws EngineFailure where a folder's disk has less room than the pool says that a session needs. */
export async function requireDiskSpace(query: Query, folder: string, neededGb: number): Promise<void> {
  if (neededGb === 0) return;
  const freeGb = (await freeBytesAt(query, folder)) / 1e9;
  if (freeGb >= neededGb) return;
  throw new EngineFailure(
    'cannot-start',
    `no room for the image and the weights: ${folder} has ${freeGb.toFixed(1)} GB free, and the pool's disk-space-gb is ${neededGb}`,
  );
}
