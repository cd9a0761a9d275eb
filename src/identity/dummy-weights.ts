import { fieldNamed } from './spelling.ts';

const loadFormat = fieldNamed('loadFormat').entry;

/** Whether the engine of an entry uses dummy weights: its speed is real, its answers are not. */
export function hasDummyWeights(entry: object): boolean {
  return Object.entries(entry).some(([name, value]) => name === loadFormat && value === 'dummy');
}
