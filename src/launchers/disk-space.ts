import { freeBytesAt, type Runner } from '../hosts/index.ts';
import { EngineFailure } from './engine-failure.ts';

/** Throws EngineFailure if a folder's disk has less room than the pool says that a session needs. */
export async function requireDiskSpace(host: Runner, folder: string, neededGb: number): Promise<void> {
  if (neededGb === 0) return;
  const freeGb = (await freeBytesAt(host, folder)) / 1e9;
  if (freeGb >= neededGb) return;
  throw new EngineFailure(
    'cannot-start',
    `no room for the image and the weights: ${folder} has ${freeGb.toFixed(1)} GB free, and the pool's disk-space-gb is ${neededGb}`,
  );
}
