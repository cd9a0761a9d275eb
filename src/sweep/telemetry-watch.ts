import { defined } from '../defined/defined.ts';
import { doubtOfHost, type EnvironmentRecord, environmentOf, watchTelemetry } from '../telemetry/index.ts';
import type { SessionHooks } from './hooks.ts';

/** A reading on another node costs a login or a job step: ten seconds between two of them. */
const slowdownElsewhere = 10;

/** Samples power and the engine's figures while a point is measured; `telemetry` and `environment` of its raw result. */
export function telemetryWatch(): NonNullable<SessionHooks['watch']> {
  const environments = new Map<string, Promise<EnvironmentRecord>>();
  return async ({ engine, running, place, node }) => {
    const { node: host } = place;
    const environment = environments.get(node) ?? environmentOf(host);
    environments.set(node, environment);
    const { metrics } = engine;
    const watch = watchTelemetry({
      host,
      ...defined({
        slowdown: host.isThisMachine ? undefined : slowdownElsewhere,
        metrics:
          metrics === undefined
            ? undefined
            : { url: `${running.baseUrl}${metrics.path}`, names: metrics.names },
      }),
    });
    // Before the measurement begins, so that reading it disturbs nothing.
    await environment;
    return {
      stop: () => watch.stop(),
      over: async (raw) => {
        const samples = { telemetry: await watch.over(raw), environment: await environment };
        const doubt = doubtOfHost(samples.telemetry, samples.environment);
        return { samples, doubts: doubt === undefined ? [] : [doubt] };
      },
    };
  };
}
