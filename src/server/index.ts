export type { Dataset, PointView, SweepView } from './api.ts';
export { createApp } from './app.ts';
export { datasetOf } from './dataset.ts';
export { type Listening, listen } from './listen.ts';
export { writeReport } from './report.ts';
export { ensureWebBuilt } from './web-build.ts';
