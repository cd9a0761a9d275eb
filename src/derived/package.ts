/**
 * Derived figures as a package, `inferencemax/derived`: cost, power and frontiers of points that were measured by any
 * tool. Pure functions; they run in a browser, too.
 */
export { changePoints } from './change-points.ts';
export { costPerMillion, type GpuPrice, type Payer, payers } from './cost.ts';
export { type Better, type FrontierPosition, paretoFrontier } from './frontier.ts';
export { hypervolume } from './hypervolume.ts';
export { joulesPerToken, tokensPerSPerMw } from './power.ts';
export { type GpuCounts, overAllGpus, type ThroughputPerGpu, type TokenKind } from './throughput.ts';
export { wilsonInterval } from './wilson.ts';
