import { deviceOf } from '../../../src/derived/device.ts';
import type { Measure } from '../../../src/derived/measures.ts';

export { type Device, deviceOf } from '../../../src/derived/device.ts';

/** Text about GPUs, adapted to the shown hardware: `tok/s/CPU` if it has no GPU. */
export function inDevices(words: string, hardware: readonly string[]): string {
  return deviceOf(hardware) === 'GPU' ? words : words.replaceAll('GPU', 'CPU');
}

/** A measure with the label and unit for the shown hardware. */
export function measureOn(measure: Measure, hardware: readonly string[]): Measure {
  if (deviceOf(hardware) === 'GPU') return measure;
  return { ...measure, label: inDevices(measure.label, hardware), unit: inDevices(measure.unit, hardware) };
}
