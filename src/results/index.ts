export { type AggregateRow, aggregateRow, type JobEnvironment } from './aggregate-row.ts';
export { type Collection, collect } from './collect.ts';
export { type Column, markdownTable } from './markdown-table.ts';
export { type ProcessedResult, processResult } from './process.ts';
export { readJsonFiles, reasonOf } from './read-json.ts';
export { aggregateRowSchema, readRows } from './read-rows.ts';
export { type Measured, type StaleEntry, staleEntries } from './staleness.ts';
export { hardwareOfPools, jobsSchema, type SuccessRate, successRates } from './success-rate.ts';
export { summaryMarkdown } from './summary.ts';
