import type { FailureClass } from '../table.ts';
import type { EndFacts } from './row.ts';

/** A recipe, an image or a container can keep GPUs from an engine as well as a node can lose them: its tools decide. */
export function hiddenUnlessBroken(_line: RegExpExecArray, { deviceTrouble }: EndFacts): FailureClass {
  return deviceTrouble === undefined ? 'gpu-hidden' : 'node-broken';
}
