export { batchFaults, isBatch } from './batch.ts';
export {
  defaultFloor,
  type Floors,
  floorOf,
  floorsSchema,
  type JudgedMetric,
  judgeMetrics,
} from './floors.ts';
export { jobFileName, modelPrefixOf, readEvalJobs, readHarnessFile, readJson } from './read.ts';
export { concurrencyOfName } from './result-file.ts';
export type { CollectedEval } from './row.ts';
