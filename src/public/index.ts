export { ApiClient, type ClientOptions } from './client.ts';
export { type PullOutcome, pull } from './pull.ts';
