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

/**
 * Sampling interval on other nodes, as a multiple of the local one, because each reading needs a login or a
 * job step.
 */
const slowdownElsewhere = 10;

/** Samples power and the engine's own metrics while a point is measured, as parts of its raw result. */
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
  if (metrics === undefined) return { state: 'unavailable', reason: `${title} publishes no metrics` };
  return {
    state: 'found',
    engine: publisherOf(engine),
    metrics: { ...metrics, places: [metricsAt(`${baseUrl}${metrics.path}`)] },
  };
}
