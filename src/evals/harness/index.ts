export { batchFaults, isBatch } from './batch.ts';
export {
  defaultFloor,
  type Floors,
  floorOf,
  floorsSchema,
  type JudgedMetric,
  judgeMetrics,
} from './floors.ts';
export { countedResults, evalsOfJob, jobFileName, modelPrefixOf, type ResultFile } from './job.ts';
export { readEvalJobs, readHarnessFile, readJson } from './read.ts';
export { concurrencyOfName, isHarnessFile } from './result-file.ts';
export type { CollectedEval } from './row.ts';
