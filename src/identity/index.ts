export {
  type EntryParts,
  isMultiNode,
  isSingleNode,
  type MatrixEntry,
  type MultiNodeEntry,
  multiNodeEntry,
  type SingleNodeEntry,
  singleNodeEntry,
  type WorkerGroup,
  writtenGroup,
} from './entry.ts';
export { configShape, matrixEntrySchema } from './entry-schema.ts';
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
export { curveName, layoutName, pointName, resultName } from './names.ts';
export {
  type AskedPoint,
  gpusOfNodeRow,
  gpusOfRow,
  gpusOfWorker,
  identityOfJob,
  type JobEnvironment,
  type RowIdentity,
  rowIdentity,
  rowIdentityShape,
  scriptVariables,
} from './row.ts';
export {
  layoutFieldNamed,
  nodeRowFields,
  type Product,
  type RowField,
  roleRowFields,
  roles,
  rowFieldNamed,
  rowFields,
} from './spelling.ts';
export {
  type ColumnValue,
  isLeftOut,
  isProduct,
  type RowValue,
  rowValueSchema,
  valueText,
  valueTypes,
} from './values.ts';
