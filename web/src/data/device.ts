import { deviceOf } from '../../../src/derived/device.ts';
import type { Measure } from '../../../src/derived/measures.ts';

export { type Device, deviceOf } from '../../../src/derived/device.ts';

/** Words about GPUs, said of the hardware that is shown: `tok/s/CPU` where there is no GPU. */
export function inDevices(words: string, hardware: readonly string[]): string {
  return deviceOf(hardware) === 'GPU' ? words : words.replaceAll('GPU', 'CPU');
}

/** A measure as it is called for the hardware that is shown. */
export function measureOn(measure: Measure, hardware: readonly string[]): Measure {
  if (deviceOf(hardware) === 'GPU') return measure;
  return { ...measure, label: inDevices(measure.label, hardware), unit: inDevices(measure.unit, hardware) };
}
