export { type AggregateRow, aggregateRow, type JobEnvironment } from './aggregate-row.ts';
export { aggregateRowSchema, jsonFiles, readRows } from './read-rows.ts';
export { summaryMarkdown } from './summary.ts';
