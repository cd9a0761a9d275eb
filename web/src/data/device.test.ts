import { expect, test } from 'vitest';
import { yMeasures } from '../../../src/derived/measures.ts';
import { deviceOf, inDevices, measureOn } from './device.ts';

test('a figure is per CPU if no hardware has a GPU, else per GPU', () => {
  expect(deviceOf(['cpu', 'cpu-local'])).toBe('CPU');
  expect(deviceOf(['cpu', 'h200'])).toBe('GPU');
  expect(deviceOf([])).toBe('GPU');
  expect(inDevices('Total tok/s/GPU', ['cpu'])).toBe('Total tok/s/CPU');
});

test('a measure keeps its key and value, and names its device', () => {
  const [measure] = yMeasures;
  if (measure === undefined) throw new Error('there is no measure');
  expect(measureOn(measure, ['h200'])).toBe(measure);
  const onCpu = measureOn(measure, ['cpu']);
  expect(onCpu).toMatchObject({ key: measure.key, label: 'Total throughput per CPU', unit: 'tok/s/CPU' });
  expect(onCpu.of).toBe(measure.of);
});
