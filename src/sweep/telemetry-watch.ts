import { defined } from '../defined/defined.ts';
import { type Engine, publisherOf } from '../engines/index.ts';
import {
  type EnvironmentRecord,
  environmentOf,
  metricsAt,
  type ReadableMetrics,
  watchServer,
} from '../telemetry/index.ts';
import type { SessionHooks } from './hooks.ts';

/** A reading on another node costs a login or a job step: ten seconds between two of them. */
const slowdownElsewhere = 10;

/** Watches power and the engine's own figures while a point is measured; parts of its raw result. */
export function telemetryWatch(): NonNullable<SessionHooks['watch']> {
  const environments = new Map<string, Promise<EnvironmentRecord>>();
  return async ({ engine, running, place, node }) => {
    const { node: host } = place;
    const environment = environments.get(node) ?? environmentOf(host);
    environments.set(node, environment);
    return await watchServer({
      host,
      environment,
      ...defined({ slowdown: host.isThisMachine ? undefined : slowdownElsewhere }),
      metrics: metricsOf(engine, running.baseUrl),
    });
  };
}

function metricsOf(engine: Engine, baseUrl: string): ReadableMetrics {
  const { title, metrics } = engine;
  if (metrics === undefined) return { state: 'unavailable', reason: `${title} publishes none` };
  return {
    state: 'found',
    engine: publisherOf(engine),
    metrics: { ...metrics, places: [metricsAt(`${baseUrl}${metrics.path}`)] },
  };
}
