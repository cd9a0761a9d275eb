export {
  type Change,
  type CompareOptions,
  type Comparison,
  compare,
  isRepeated,
  type Judgement,
} from './compare.ts';
export { comparisonMarkdown } from './markdown.ts';
export type { MeasuredPoint } from './measured-point.ts';
export type { Repeats } from './noise.ts';
