export {
  type Change,
  type CompareOptions,
  type Comparison,
  compare,
  isRepeated,
  type Judgement,
} from './compare.ts';
export { comparisonMarkdown } from './markdown.ts';
export { type IdentityField, identityFields, type MeasuredPoint } from './measured-point.ts';
export type { Repeats } from './noise.ts';
