export type { EvalTarget } from './ask.ts';
export { type EvalPlan, type EvaluateContext, evaluate } from './evaluate.ts';
export { defaultTolerance, type Gate } from './gate.ts';
export {
  batchFaults,
  type CollectedEval,
  concurrencyOfName,
  countedResults,
  defaultFloor,
  evalsOfJob,
  type Floors,
  floorOf,
  floorsSchema,
  isBatch,
  isHarnessFile,
  type JudgedMetric,
  jobFileName,
  judgeMetrics,
  modelPrefixOf,
  type ResultFile,
  readEvalJobs,
  readHarnessFile,
  readJson,
} from './harness/index.ts';
export {
  type AnswersUnderLoad,
  type AskedUnderLoad,
  doubtOfAnswers,
  LoadQuestions,
} from './load-questions.ts';
export { type EvalRecord, type EvalSubject, evalRecordSchema } from './record.ts';
export { defaultEvalContext, type EvalContext, type EvalProgress, type TaskResult } from './run.ts';
export type { EvalItem, EvalMetric, EvalTask, TaskOptions } from './task.ts';
export { parseGsm8k } from './tasks/gsm8k.ts';
export { type TaskName, taskKinds, taskNames } from './tasks/index.ts';
