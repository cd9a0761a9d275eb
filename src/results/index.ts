export type { JobVariables } from '../identity/index.ts';
export type { UsedGpu } from '../power/index.ts';
export { headOfLog } from './agentic/artifacts.ts';
export { type AgenticVerdict, judgeAgentic } from './agentic/gate.ts';
export { type AgenticPowerRequest, addAgenticPower } from './agentic/power.ts';
export { type AgenticRow, type AgenticRun, agenticRow, processAgentic } from './agentic/row.ts';
export { type AggregateRow, aggregateRow, aggregateRowOfJob } from './aggregate-row.ts';
export { type Collection, collect } from './collect.ts';
export {
  type ComparedMeasurement,
  type Comparison,
  compare,
  comparisonMarkdown,
  isRepeated,
  type JudgedChange,
  type Judgement,
  measuredPoint,
  measurementsLike,
  type NamedPoints,
  namedPoints,
  newestTable,
  pointsOfSweep,
  type Repeats,
  repeatsOf,
  type Side,
  type SourcePoint,
  sideIn,
} from './compare/index.ts';
export { energyPerTokenInterval } from './energy-interval.ts';
export { formats as importFormats } from './import/index.ts';
export { type ImportedFile, type ImportRequest, importFiles } from './import/write.ts';
export { type MarkdownColumn, markdownTable } from './markdown-table.ts';
export { keyOfPoint, keyOfRow } from './point-key.ts';
export { addPower } from './power.ts';
export {
  type AddedPower,
  benchmarkResult,
  isPowerRequired,
  reasonsInWords,
  requireValid,
} from './power-files.ts';
export { addPowerOfNodes } from './power-nodes.ts';
export { type ProcessedResult, processResult, processResults } from './process.ts';
export { readJsonFiles } from './read-json.ts';
export { aggregateRowSchema, parseAggregateRow, readRows } from './read-rows.ts';
export { type SampledPower, writeSampledPower } from './sampled-power.ts';
export { rowOfServer, type TestedShape } from './server-row.ts';
export { type NewestResult, type StaleEntry, staleEntries } from './staleness.ts';
export {
  fleetRates,
  fleetsOf,
  hardwareBesideFleets,
  hardwareOfPools,
  jobsSchema,
  type SuccessRate,
  successRates,
} from './success-rate.ts';
export { summaryMarkdown } from './summary.ts';

// Loaded on demand, because few commands read or write files of requests.
export const loadRequestFiles = () => import('./requests/index.ts');
