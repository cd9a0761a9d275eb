import type { Better } from '../../src/derived/frontier.ts';
import type { PointView } from '../../src/server/api.ts';

/** Something a chart can show on an axis. */
export interface Measure {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly better: Better;
  readonly value: (point: PointView) => number;
}

export const throughputs: readonly Measure[] = [
  throughput('total', (point) => point.tputPerGpu),
  throughput('output', (point) => point.outputTputPerGpu),
  throughput('input', (point) => point.inputTputPerGpu),
];

function throughput(key: string, value: Measure['value']): Measure {
  const label = `${key.charAt(0).toUpperCase()}${key.slice(1)} throughput per accelerator`;
  return { key, label, unit: 'tok/s', better: 'higher', value };
}

export const interactivity: Measure = {
  key: 'interactivity',
  label: 'Interactivity',
  unit: 'tok/s/user',
  better: 'higher',
  value: (point) => point.interactivity,
};

export const e2eLatency: Measure = {
  key: 'e2el',
  label: 'End-to-end latency',
  unit: 's',
  better: 'lower',
  value: (point) => point.e2elS,
};

/** Four significant digits at most, without a trailing tail of zeros. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 100 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}
