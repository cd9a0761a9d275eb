export type { BackendName } from './backends/index.ts';
export type { DatasetSpec } from './datasets/index.ts';
export type { Fidelity, Verdict } from './fidelity/verdict.ts';
export { LoadError, type LoadErrorClass } from './load-error.ts';
export type { LoadTest } from './load-test.ts';
export type { LoadProgress } from './progress.ts';
export type { MetricFigures, RawResult } from './raw-result.ts';
export { type LoadContext, runLoadTest } from './run.ts';
