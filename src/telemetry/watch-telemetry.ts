import { defined } from '../defined/defined.ts';
import { type Host, thisMachine } from '../hosts/index.ts';
import {
  type ExporterSamples,
  type NodeExporter,
  openExporter,
  recordedTogether,
  type ScrapeTimes,
  samplesOfExporters,
  scrapeTimes,
} from './exporters/exporters.ts';
import { type SourceRecording, startRecorder } from './recorder.ts';
import type { RedfishAccess } from './redfish-access.ts';
import type { MeasuredWindow } from './series.ts';
import type { PublishedMetrics } from './server/metric-names.ts';
import { telemetrySources } from './sources/list.ts';
import { summarise, type Telemetry, type WindowTokens } from './summary.ts';

/** What to sample, and how often. */
export interface TelemetryOptions {
  /** The engine's node. Default: this machine; undefined if it cannot be accessed. */
  readonly host?: Host | undefined;
  /** The engine's own metrics; absent if it publishes none. */
  readonly metrics?: PublishedMetrics;
  /** The DCGM exporters of all its nodes, which then replace the vendor's tool. */
  readonly exporters?: readonly NodeExporter[];
  /** How many nodes the engine has (default 1); `host` is the first. */
  readonly nodes?: number;
  /** The management controllers of its nodes. */
  readonly redfish?: RedfishAccess;
  /** How often the exporters are read, and how long one reading may take. */
  readonly scrapes?: ScrapeTimes;
  /** Factor for the intervals between readings of the node, if each one costs a login or a job step. */
  readonly slowdown?: number;
}

/** The time and token counts of a measurement. */
export interface TimedResult {
  /** Start of the test, in seconds since the epoch. */
  readonly started_at: number;
  /** Of what the figures are about, in seconds. */
  readonly duration: number;
  /** When that starts, in seconds from the start of the test; absent if it is all of the test. */
  readonly window?: { readonly from_s: number } | undefined;
  /** null if unknown. */
  readonly total_input_tokens: number | null;
  readonly total_output_tokens: number | null;
  /** Tokens per second. */
  readonly output_throughput: number | null;
  readonly total_token_throughput: number | null;
}

/** Sampling in progress. */
export interface TelemetryWatch {
  /** Stops the sampling; resolves after the last reading. */
  stop(): Promise<void>;
  /** Stops the sampling, and summarises exactly the measured window. */
  over(measured: TimedResult): Promise<Telemetry>;
  /** Stops the sampling, and returns what the exporters said; undefined without exporters. */
  exported(): Promise<ExporterSamples | undefined>;
}

/**
 * Starts to sample everything that can be read from the engine and its node. What cannot be read is noted in the
 * summary, and is never an error.
 */
export function watchTelemetry(options: TelemetryOptions = {}): TelemetryWatch {
  const { slowdown = 1, metrics, redfish, nodes = 1, exporters = [], scrapes = scrapeTimes } = options;
  const startedS = Date.now() / 1000;
  const opened = exporters.map((exporter, number) => openExporter(exporter, number, scrapes));
  const host = 'host' in options ? options.host : thisMachine;
  const sources = telemetrySources.flatMap(({ open, ...source }) => {
    // The engine is reached in the same way as by the load generator.
    const isEngine = source.subject === 'engine';
    if (host === undefined && !isEngine) return [];
    if (source.subject === 'accelerators' && opened.length > 0) return [];
    const intervalS = isEngine ? source.intervalS : slowdown * source.intervalS;
    const read = open({ host: host ?? thisMachine, nodes, ...defined({ metrics, redfish }) });
    return read === undefined ? [] : [{ ...source, intervalS, read }];
  });
  const recorder = startRecorder([...opened.map(({ source }) => source), ...sources]);
  const isOfExporter = ({ source }: SourceRecording) => opened.some((one) => one.source.name === source);
  return {
    stop: async () => void (await recorder.stop()),
    over: async (measured) => {
      const all = await recorder.stop();
      const ofExporters = all.filter(isOfExporter);
      const exported = recordedTogether(ofExporters);
      const others = all.filter((one) => !isOfExporter(one));
      const recordings = exported === undefined ? others : [exported, ...others];
      const telemetry = summarise(recordings, windowOf(measured), tokensOf(measured));
      const partial = exported === undefined ? ofFirstNode(nodes) : withoutSilent(ofExporters);
      return partial === undefined ? telemetry : { ...telemetry, power: partial };
    },
    exported: async () => {
      if (opened.length === 0) return undefined;
      const recordings = await recorder.stop();
      return samplesOfExporters(opened, recordings, {
        ...scrapes,
        startedS,
        stoppedS: Date.now() / 1000,
      });
    },
  };
}

/** Why there is no power of several nodes without exporters: the vendor's tool reads the first node only. */
function ofFirstNode(nodes: number): Telemetry['power'] | undefined {
  if (nodes === 1) return undefined;
  const reason = `only the first of ${nodes} nodes was sampled: name their exporters in the pool (dcgm-exporter)`;
  return { state: 'unavailable', reason };
}

/** Why there is no power if an exporter never answered: that of the other nodes is not that of the engine. */
function withoutSilent(exporters: readonly SourceRecording[]): Telemetry['power'] | undefined {
  const silent = exporters.filter(({ samples }) => samples.length === 0);
  if (silent.length === 0) return undefined;
  const reason = silent.map(({ source, trouble = 'not read' }) => `${source}: ${trouble}`).join('; ');
  return { state: 'unavailable', reason };
}

function windowOf({ started_at, duration, window }: TimedResult): MeasuredWindow {
  const startMs = 1000 * (started_at + (window === undefined ? 0 : window.from_s));
  return { startMs, endMs: startMs + 1000 * duration };
}

/** In a part of a test, the tokens that the server made in it: the totals are those of the requests sent in it. */
function tokensOf({ window, duration, ...measured }: TimedResult): WindowTokens {
  const { total_input_tokens: input, total_output_tokens: output } = measured;
  if (window === undefined)
    return { output, total: input === null || output === null ? null : input + output };
  const made = (perS: number | null): number | null => (perS === null ? null : perS * duration);
  return { output: made(measured.output_throughput), total: made(measured.total_token_throughput) };
}
