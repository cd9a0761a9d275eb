export type { ArrivalSpec, Stage } from './arrivals/index.ts';
export { type BackendName, backendNames } from './backends/index.ts';
export { type CalibrationRow, calibrate } from './calibrate.ts';
export {
  type DatasetSpec,
  parseConversations,
  parseShareGpt,
  parseTextLines,
  parseTrace,
} from './datasets/index.ts';
export type { Fidelity, Verdict } from './fidelity/verdict.ts';
export { LoadError, type LoadErrorClass } from './load-error.ts';
export type { LoadTest, Slos } from './load-test.ts';
export { mergeResults } from './merge.ts';
export { formatResult } from './print-result.ts';
export type { LoadProgress } from './progress.ts';
export type { MetricFigures, RawResult } from './raw-result.ts';
export { type LoadContext, runLoadTest } from './run.ts';
export type { Distribution } from './statistics/distribution.ts';
export type { Timeline } from './statistics/timeline.ts';
