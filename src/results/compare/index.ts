export {
  type CompareOptions,
  type Comparison,
  compare,
  isRepeated,
  type JudgedChange,
  type Judgement,
} from './compare.ts';
export type { ComparedMeasurement } from './compared-measurement.ts';
export { comparisonMarkdown } from './markdown.ts';
export { type Baseline, newestTable } from './newest-table.ts';
export type { Repeats } from './noise.ts';
export {
  measuredPoint,
  measurementsLike,
  type NamedPoints,
  namedPoints,
  type PointSource,
  pointsOfSweep,
  repeatsOf,
  type Side,
  type SourcePoint,
  sideIn,
} from './sides.ts';
