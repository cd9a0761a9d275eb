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
