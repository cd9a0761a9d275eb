import { InputError } from '../errors.ts';
import type { LaunchRequest, ReserveRequest } from './launcher.ts';

/** Throws InputError for an engine that spans nodes where only Slurm has several. */
export function singleNodeOnly({ sessionId, nodeCount }: ReserveRequest, launcher: string): void {
  if (nodeCount === 1) return;
  throw new InputError(
    `session ${sessionId} spans ${nodeCount} nodes, and the ${launcher} launcher has one`,
    'give its runner pool the slurm launcher',
  );
}

/** The same for an engine that is several processes. */
export function singleStepOnly({ sessionId, steps }: LaunchRequest, launcher: string): void {
  if (steps === undefined) return;
  throw new InputError(
    `session ${sessionId} is an engine of ${steps.length} steps, and the ${launcher} launcher starts one`,
    'give its runner pool the slurm launcher',
  );
}
