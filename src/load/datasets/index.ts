import type { RandomSpec } from './random.ts';

export type { Dataset, Prompt } from './dataset.ts';

/** What is sent, as plain data. */
export type DatasetSpec = RandomSpec;
