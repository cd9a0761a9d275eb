import { closest } from '../config/index.ts';
import { InputError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { engines } from './list.ts';

export { acceptanceOfSession, type SessionAcceptance } from './acceptance-of-session.ts';
export type {
  Engine,
  EngineCommand,
  EngineCommandRequest,
  EngineMetrics,
  EngineName,
  EngineProfiler,
  EngineStep,
  EngineStepsRequest,
  Marker,
} from './engine.ts';
export { markers } from './engine.ts';
export { engines, publicFrameworks } from './list.ts';
export { engineNames, engineTitle } from './names.ts';
export { type PlacedWorker, placeWorkers } from './parts/worker-nodes.ts';
export {
  engineOfMetrics,
  metricsEnabledBy,
  metricsPaths,
  metricsPublishers,
  type PublishingEngine,
  publishedNames,
  publisherOf,
} from './published-metrics.ts';
export {
  type CommandStep,
  type EngineSite,
  profilerFault,
  type SessionCommand,
  sessionCommand,
} from './session-command.ts';

/** The engine of a framework; throws InputError that lists the known ones. */
export function engineFor(framework: string): Engine {
  const engine = engines.find((candidate) => candidate.framework === framework);
  if (engine !== undefined) return engine;
  const names = engines.map((candidate) => candidate.framework);
  const near = closest(framework, names);
  throw new InputError(
    `no engine for framework '${framework}'`,
    near === undefined ? `there is one for ${names.join(', ')}` : `did you mean '${near}'?`,
    { code: 'unknown-framework' },
  );
}

/** The paths on which engines empty their prefix caches. */
export const cacheResetPaths: readonly string[] = [
  ...new Set(engines.flatMap(({ cacheResetPath }) => cacheResetPath ?? [])),
];

/** Assumed start time of a framework, seconds, without reading weights; undefined if there is no such engine. */
export function assumedInitS(framework: string): number | undefined {
  return engines.find((candidate) => candidate.framework === framework)?.assumedInitS;
}
