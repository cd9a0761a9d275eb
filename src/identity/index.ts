export { type AgenticJob, agenticJob } from './agentic-job.ts';
export { agenticPoints } from './agentic-points.ts';
export { answersField, answersShareOf } from './answers-percent.ts';
export {
  chartShape,
  entryOfRow,
  filterAsked,
  laterFieldsOf,
  laterServedOf,
  oneChartAsked,
  seriesShape,
} from './api.ts';
export {
  type AskedField,
  askedFields,
  type Chart,
  type ConfigIdentity,
  type ConfigurationColumns,
  type Curve,
  chartColumns,
  chartOf,
  chartOfColumns,
  chartOfRow,
  columnValue,
  configurationOfRow,
  configurationValues,
  curveColumns,
  curveOfColumns,
  curveOrder,
  type EnvironmentColumns,
  environmentColumns,
  environmentFields,
  environmentOfRow,
  exactly,
  type IdentityColumns,
  type IdentityFilter,
  isInColumns,
  rowIdentityOf,
  type SeriesIdentity,
  searchedColumns,
  seriesColumns,
  seriesKey,
  seriesOf,
  seriesOfColumns,
  seriesOfRow,
} from './columns.ts';
export { hasDummyWeights } from './dummy-weights.ts';
export {
  type AgenticEntry,
  type AgenticNodeEntry,
  type AgenticParts,
  type AgenticRolesEntry,
  agenticNodeEntry,
  agenticRolesEntry,
  companionProblems,
  type EntryParts,
  type EvalMarks,
  fieldsOfConfig,
  fieldsOfEither,
  freeConfigFields,
  type GeneratedEntry,
  gpusOfWorker,
  isAgentic,
  isMultiNode,
  isSingleNode,
  laterFieldsOfEntry,
  layoutProblems,
  lopsidedFields,
  type MatrixEntry,
  type MissingField,
  type MultiNodeEntry,
  missingInConfig,
  multiNodeEntry,
  offloadsTo,
  type SingleNodeEntry,
  singleNodeEntry,
  type WorkerGroup,
} from './entry.ts';
export { agenticEntrySchema, generatedEntrySchema, matrixEntrySchema } from './entry-json.ts';
export { configShape, type Scenario, scenarioField, scenarios } from './entry-schema.ts';
export { type EvalJob, evalJobSchema, evalRowIdentity } from './eval-job.ts';
export { recipeFingerprint, withFingerprint } from './fingerprint.ts';
export { acceptanceOfEntry, draftsTokens } from './forced-acceptance.ts';
export {
  chartFields,
  configurationFields,
  curveFields,
  keyedFields,
  laterKeyedFields,
  pointFieldNames,
  pointFields,
  pointKey,
  rowKeyBy,
} from './keys.ts';
export { models, modelsMeant, modelTitle, type NamedModel, publishedModel, publishedName } from './models.ts';
export { curveName, isOfAugust, layoutName, pointName, resultName, type Titles } from './names.ts';
export { precisions } from './precisions.ts';
export {
  publishedDay,
  publishedIdentity,
  publishedPoint,
  publishedScore,
  publishedSubject,
  type RoleGpus,
  undividedGpus,
  unknownImage,
} from './published.ts';
export {
  type AskedPoint,
  gpusOfNodeRow,
  gpusOfRow,
  identityOfJob,
  isAggregated,
  isMultinodeJob,
  type JobVariables,
  type RowIdentity,
  roleGpuVariables,
  rowIdentity,
  rowIdentityShape,
  scriptVariables,
  spelledOut,
} from './row.ts';
export { isScoreOf, type ScoreSubject, scoreKey, scoreKeyOfSeries } from './score-subject.ts';
export {
  identityOfServer,
  type ServerFact,
  type ServerFacts,
  serverFacts,
  type TestedPoint,
} from './server.ts';
export {
  entryFields,
  entryRowFields,
  type FacetField,
  type FacetName,
  facetFields,
  type IdentityField,
  nodeRowFields,
  type Product,
  type RowField,
  roleRowFields,
  roles,
  rowFieldNamed,
  rowFieldOfColumn,
  rowFields,
} from './spelling.ts';
export {
  type ApiSubject,
  askedSubject,
  type EvalSubject,
  evalSubject,
  publicSubjectShape,
  type SubjectColumns,
  type SubjectFilter,
  scoreOf,
  scoreShape,
  subjectAsked,
  subjectColumnNames,
  subjectColumns,
  subjectNamed,
  subjectOfColumns,
  subjectShape,
} from './subject.ts';
export {
  type ColumnValue,
  isLeftOut,
  isProduct,
  type RowValue,
  rowValueSchema,
  valueText,
  valueTypes,
} from './values.ts';
export { definitionField, definitionOf, withDefinition, workloadInRow } from './workload-definition.ts';
