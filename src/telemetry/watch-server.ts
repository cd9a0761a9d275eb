import { defined } from '../defined/defined.ts';
import type { Host } from '../hosts/index.ts';
import { type EnvironmentRecord, environmentOf } from './environment.ts';
import { doubtOfHost } from './overload.ts';
import type { BeyondServer, ClientFigures } from './server/beside-client.ts';
import { type ReadableMetrics, ServerReading, type ServerReport } from './server/server-report.ts';
import type { Telemetry } from './summary.ts';
import { type TimedResult, watchTelemetry } from './watch-telemetry.ts';

/** A server that is measured, and what can be read of it. */
export interface WatchedServer {
  /** The machine that it runs on; undefined if none can be asked. */
  readonly host: Host | undefined;
  /** What that machine is; read now if it is not given. */
  readonly environment?: Promise<EnvironmentRecord>;
  /** Stretches the intervals between readings of the machine, where each one costs a login or a job step. */
  readonly slowdown?: number;
  readonly metrics: ReadableMetrics;
}

/** What the server and its machine say of a measurement: parts of its raw result. */
export interface Witness {
  readonly samples: {
    readonly telemetry: Telemetry;
    /** Absent where the machine is not known. */
    readonly environment?: EnvironmentRecord;
    readonly server_metrics: ServerReport;
  };
  /** More of the result's fidelity. */
  readonly fidelity: { readonly beyond_server_ms?: BeyondServer };
  /** What they say against the measurement, in sentences: each makes it suspect. */
  readonly doubts: readonly string[];
}

/** A server that is watched while one measurement is made. */
export interface ServerWatch {
  /** To be called when the warm-up is over and the measurement begins. */
  readonly beforeStart: () => Promise<void>;
  /** Ends the sampling. */
  stop(): void;
  over(raw: TimedResult & ClientFigures): Promise<Witness>;
}

/** Begins to watch a server and its machine. What cannot be read is said in the result, and never an error. */
export async function watchServer(server: WatchedServer): Promise<ServerWatch> {
  const { host, slowdown, metrics } = server;
  const environment = server.environment ?? (host === undefined ? undefined : environmentOf(host));
  const reading = new ServerReading(metrics);
  const watch = watchTelemetry({
    ...defined({ slowdown, metrics: metrics.state === 'found' ? metrics.metrics : undefined }),
    host,
  });
  // Before the measurement begins, so that reading it disturbs nothing.
  await environment;
  return {
    beforeStart: async () => await reading.begin(),
    stop: () => watch.stop(),
    over: async (raw) => {
      const account = await reading.end(raw);
      const telemetry = await watch.over(raw);
      const found = await environment;
      const doubt = found === undefined ? undefined : doubtOfHost(telemetry, found);
      return {
        samples: {
          telemetry,
          ...defined({ environment: found }),
          server_metrics: account.metrics,
        },
        fidelity: defined({ beyond_server_ms: account.beyond }),
        doubts: [...(doubt === undefined ? [] : [doubt]), ...account.doubts],
      };
    },
  };
}
