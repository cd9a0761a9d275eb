export { corpusForm, publicReplay, revisionOf } from './agentic/corpora.ts';
export type { AgentCorpusTrees, TraceSource } from './agentic/corpus.ts';
export { affinityRouters } from './agentic/replay/affinity.ts';
export type { AgentReplay } from './agentic/replay/replay.ts';
export type { ReplayProgress } from './agentic/replay/run.ts';
export {
  type ArrivalOption,
  type ArrivalOptions,
  type ArrivalSpec,
  arrivalOptions,
  arrivalsAsked,
  type OptionValues,
} from './arrivals/index.ts';
export {
  type BackendName,
  backendNames,
  type GeneratingBackend,
  generatingBackends,
  poolingOf,
} from './backends/index.ts';
export type { CalibrationRow } from './calibrate.ts';
export { checkLoadTest, problemsOfEnding } from './check-load-test.ts';
export type { Answered, Conformance } from './conformance/index.ts';
export { type DatasetSpec, hasRandomTokens } from './datasets/index.ts';
export { datasetKinds, datasetNames, makeDataset } from './datasets/kinds.ts';
export type { DatasetOption, DatasetOptions, MadeDataset } from './datasets/options.ts';
export { type QuestionsSpec, questionAt, questionsAmong } from './datasets/questions.ts';
export { requestsNeeded } from './ending/requests-needed.ts';
export {
  errorBoundForm,
  errorBoundIn,
  precisionForm,
  precisionIn,
  stopRulesOf,
} from './ending/stop-rules.ts';
export { withDoubts } from './fidelity/verdict.ts';
export { currentVerdict, type Verdict } from './fidelity/verdict-names.ts';
export { type AskedServer, ask } from './http/ask.ts';
export { shownServer } from './http/server-url.ts';
export { LoadError, type LoadErrorClass } from './load-error.ts';
export {
  arrivalsOf,
  eachServerOf,
  type LoadTest,
  loadTestDefaults,
  repliesInHistory,
  type Slos,
  streamsAsked,
  urlAssignments,
} from './load-test.ts';
export type { MergedResult } from './merge.ts';
export { figure, formatResult, usualLatencies } from './print-result.ts';
export type { LoadProgress } from './progress.ts';
export { type RequestRecord, requestFields, requestRecordSchema } from './request-record.ts';
export type {
  Distribution,
  Fidelity,
  MetricFigures,
  RawResult,
  SearchFigures,
  Timeline,
} from './result-schema.ts';
export { type LoadContext, runLoadTest } from './run.ts';
export { type LoadKind, loadKinds } from './search/levels.ts';
export type { AskedTest, LoadSearch, SearchedResult } from './search/load-search.ts';
export { readSlo, repeatedSlo, type Slo, sloText } from './search/slo.ts';
export { shardPart, shardSeed } from './shards.ts';
export { problemOfServerUrl } from './transports/index.ts';

// Parts that most tests do not need are loaded on demand, because loading them takes as long as starting a test.
export const loadAgentic = () => import('./agentic/index.ts');
export const loadCalibration = () => import('./calibrate.ts');
export const loadSearching = async () => {
  const [searching, largest] = await Promise.all([
    import('./search/load-search.ts'),
    import('./search/largest-load.ts'),
  ]);
  return { ...searching, ...largest };
};
export const loadConformance = () => import('./conformance/index.ts');
export const loadTraces = async () => {
  const [files, agents, descriptions] = await Promise.all([
    import('./datasets/files/kind-of-file.ts'),
    import('./agentic/as-lengths.ts'),
    import('./describe/index.ts'),
  ]);
  return { ...files, ...agents, ...descriptions };
};
export const loadMerging = () => import('./merge.ts');
