import { defined } from '../defined/defined.ts';
import type { Host } from '../hosts/index.ts';
import { type EnvironmentRecord, environmentOf } from './environment.ts';
import type { ExporterSamples, NodeExporter } from './exporters/exporters.ts';
import { doubtOfExporters } from './exporters/repeated-values.ts';
import { doubtOfHost } from './overload.ts';
import { doubtOfEnergy } from './power-doubt.ts';
import type { RedfishAccess } from './redfish-access.ts';
import type { BeyondServer, ClientFigures } from './server/beside-client.ts';
import { overWindow } from './server/draft-figures.ts';
import { type ReadableMetrics, ServerReading, type ServerReport } from './server/server-report.ts';
import type { Telemetry } from './summary.ts';
import { type TimedResult, watchTelemetry } from './watch-telemetry.ts';

/** A server under measurement, and what can be read from it. */
export interface WatchedServer {
  /** The machine that it runs on; undefined if it cannot be accessed. */
  readonly host: Host | undefined;
  /** The environment of that machine; read now if not given. */
  readonly environment?: Promise<EnvironmentRecord>;
  /** The DCGM exporters of its nodes. */
  readonly exporters?: readonly NodeExporter[];
  /** How many nodes it has (default 1); `host` is the first. */
  readonly nodes?: number;
  /** The management controllers of its nodes. */
  readonly redfish?: RedfishAccess;
  /** Factor for the intervals between readings of the machine, if each one costs a login or a job step. */
  readonly slowdown?: number;
  readonly metrics: ReadableMetrics;
}

/** What the server and its machine report about a measurement; parts of its raw result. */
export interface Witness {
  readonly samples: {
    readonly telemetry: Telemetry;
    /** Absent if the machine is unknown. */
    readonly environment?: EnvironmentRecord;
    readonly server_metrics: ServerReport;
  };
  /** What the exporters of its nodes said; absent if it has none. */
  readonly exported?: ExporterSamples;
  /** Additional fields of the result's fidelity. */
  readonly fidelity: { readonly beyond_server_ms?: BeyondServer };
  /** Reasons to doubt the measurement, as sentences; each makes it suspect. */
  readonly doubts: readonly string[];
}

/** A server that is watched during one measurement. */
export interface ServerWatch {
  /** Call when the warm-up is over and the measurement starts. */
  readonly beforeStart: () => Promise<void>;
  /** Stops the sampling; resolves after the last reading. */
  stop(): Promise<void>;
  over(raw: TimedResult & ClientFigures): Promise<Witness>;
}

/** Starts to watch a server and its machine. What cannot be read is noted in the result, and is never an error. */
export async function watchServer(server: WatchedServer): Promise<ServerWatch> {
  const { host, slowdown, metrics, exporters, nodes, redfish } = server;
  const environment = server.environment ?? (host === undefined ? undefined : environmentOf(host));
  // Read before the measurement starts, so as not to disturb it.
  const found = await environment;
  const reading = new ServerReading(metrics);
  const watch = watchTelemetry({
    ...defined({
      slowdown,
      exporters,
      nodes,
      redfish,
      metrics: metrics.state === 'found' ? metrics.metrics : undefined,
    }),
    host,
  });
  return {
    beforeStart: async () => await reading.begin(),
    stop: async () => await watch.stop(),
    over: async (raw) => {
      const account = await reading.end(raw);
      const telemetry = await watch.over(raw);
      const exported = await watch.exported();
      const doubts = [
        found === undefined ? undefined : doubtOfHost(telemetry, found),
        doubtOfEnergy(telemetry),
        exported === undefined ? undefined : doubtOfExporters(exported),
      ].filter((doubt) => doubt !== undefined);
      return {
        samples: {
          telemetry,
          ...defined({ environment: found }),
          server_metrics: withWindow(account.metrics, telemetry),
        },
        ...defined({ exported }),
        fidelity: defined({ beyond_server_ms: account.beyond }),
        doubts: [...doubts, ...account.doubts],
      };
    },
  };
}

/** Means that the server publishes as gauges are those of the whole window if they were sampled. */
function withWindow(metrics: ServerReport, { engine }: Telemetry): ServerReport {
  if (metrics.state === 'unavailable' || metrics.spec_decode === null) return metrics;
  const { spec_decode_acceptance: acceptance, spec_decode_acceptance_length: length } = engine ?? {};
  return { ...metrics, spec_decode: overWindow(metrics.spec_decode, { acceptance, length }) };
}
