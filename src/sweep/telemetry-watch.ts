import { defined } from '../defined/defined.ts';
import { type Engine, publisherOf } from '../engines/index.ts';
import type { ReachedExporters } from '../launchers/index.ts';
import {
  type EnvironmentRecord,
  environmentOf,
  metricsAt,
  type ReadableMetrics,
  type ServerWatch,
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
  return async ({ engine, running, place, node, signal }) => {
    const { node: host } = place;
    const environment = environments.get(node) ?? environmentOf(host);
    environments.set(node, environment);
    const reached = await place.exporters?.({ signal });
    const watch = await watchServer({
      host,
      environment,
      nodes: place.nodes.length,
      ...defined({
        slowdown: host.isThisMachine ? undefined : slowdownElsewhere,
        exporters: reached?.exporters,
        redfish: place.redfish,
      }),
      metrics: metricsOf(engine, running.baseUrl),
    }).catch(async (error: unknown) => {
      await reached?.close();
      throw error;
    });
    return reached === undefined ? watch : closing(watch, reached);
  };
}

/** A watch that closes its ways to the exporters after their last reading. */
function closing(watch: ServerWatch, reached: ReachedExporters): ServerWatch {
  return {
    ...watch,
    stop: async () => await watch.stop().finally(async () => await reached.close()),
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
