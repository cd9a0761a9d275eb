import type { FailureClass } from '../table.ts';
import type { EndFacts } from './row.ts';

/**
 * An engine may see no GPUs because the recipe, image or container hides them, or because the node has lost them. The
 * node's tools tell the difference.
 */
export function hiddenUnlessBroken(_line: RegExpExecArray, { deviceTrouble }: EndFacts): FailureClass {
  return deviceTrouble === undefined ? 'gpu-hidden' : 'node-broken';
}
