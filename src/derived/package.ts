/**
 * The public entry of the package export `inferencemax/derived`: cost, power and frontiers of points measured
 * by any tool. The functions are pure and also run in a browser.
 */
export { changePoints } from './change-points.ts';
export { costPerMillion, type GpuPrice, type Payer, payers } from './cost.ts';
export { type Better, type FrontierPosition, paretoFrontier } from './frontier.ts';
export { hypervolume } from './hypervolume.ts';
export { joulesPerToken, tokensPerSPerMw } from './power.ts';
export { type GpuCounts, overAllGpus, type ThroughputPerGpu, type TokenKind } from './throughput.ts';
export { wilsonInterval } from './wilson.ts';
