import { defined } from '../defined/defined.ts';
import type { SourceRecording } from './recorder.ts';
import {
  coverageOf,
  increaseOf,
  type MeasuredWindow,
  meanOf,
  rateOf,
  seriesOf,
  sortedInside,
  sumOf,
  type TelemetrySeries,
} from './series.ts';
import type { Quantity, Subject } from './source.ts';

/** The maximum number of points per series in the summary, which is about 10 kB with all series. */
const seriesPointsAtMost = 120;

interface Figures {
  readonly mean: number;
  readonly min: number;
  readonly p50: number;
  readonly max: number;
}

/** Power over the measured window, or why it is missing. */
export type PowerSummary =
  | {
      readonly state: 'measured';
      /** The name of the telemetry source. */
      readonly source: string;
      /**
       * What the power covers: `accelerators` is the GPUs without their host, `cpu` is the CPU packages without memory,
       * `chassis` is the whole machine at its power supplies, with GPUs and fans.
       */
      readonly of: 'accelerators' | 'cpu' | 'chassis';
      readonly devices: readonly {
        readonly device: string;
        readonly mean_w: number;
        readonly energy_j: number;
        /** Whether readings enclose the window, and the longest time between two of them; older results lack both. */
        readonly covers_window?: boolean;
        readonly longest_gap_s?: number;
        /** The lowest power limit that was read. */
        readonly limit_w?: number;
        /** Shares of the window in which the clock was lowered, to stay below the limit or because of heat. */
        readonly capped_share?: number;
        readonly heat_share?: number;
        /** The same energy according to the device's own counter, if power was sampled besides. */
        readonly counter_energy_j?: number;
      }[];
      /** Over all devices. */
      readonly mean_w: number;
      readonly p50_w: number;
      readonly max_w: number;
      readonly energy_j: number;
      readonly j_per_output_token?: number | undefined;
      readonly j_per_total_token?: number | undefined;
    }
  | { readonly state: 'unavailable'; readonly reason: string };

/** What was read while a point was measured. An absent part could not be read; `troubles` says why. */
export interface Telemetry {
  readonly window_s: number;
  readonly power: PowerSummary;
  /** CPU power, if accelerator power is also known. */
  readonly cpu_power?: PowerSummary;
  /** Power of the whole machine of every node, if its management controller reports it. */
  readonly host_power?: PowerSummary;
  readonly accelerators?: {
    readonly count: number;
    /** Means over the devices; `max` is the highest value of any device. */
    readonly utilization?: Figures | undefined;
    readonly memory_used_bytes?: Figures | undefined;
    readonly clock_mhz?: Figures | undefined;
    readonly temperature_c?: Figures | undefined;
  };
  readonly host?: {
    readonly cpu_share?: Figures | undefined;
    readonly runnable_tasks?: Figures | undefined;
    readonly memory_used_bytes?: Figures | undefined;
  };
  readonly engine?: {
    readonly running?: Figures | undefined;
    readonly waiting?: Figures | undefined;
    readonly kv_cache_usage?: Figures | undefined;
    readonly preemptions?: number | undefined;
    /** Share of drafted tokens that were accepted, 0 to 1. */
    readonly spec_decode_acceptance?: number | undefined;
    /** Mean tokens per verification step, its own token included, if the engine publishes it. */
    readonly spec_decode_acceptance_length?: number | undefined;
    /** Tokens per second by the engine's own count. */
    readonly prompt_throughput?: number | undefined;
    readonly generation_throughput?: number | undefined;
  };
  /** Time series: `t_s` is the time from the start of the window, and every other list has the same length. */
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
  /** By source: what the readings are about and what they cost (number, mean duration, share of the window). */
  readonly sampling: Readonly<
    Record<
      string,
      {
        readonly subject: Subject;
        readonly samples: number;
        readonly mean_ms: number;
        readonly share: number;
      }
    >
  >;
  /** Sources that gave nothing, or failed at times, with the reason. */
  readonly troubles: Readonly<Record<string, string>>;
}

/** Tokens of the measured window; null if unknown. */
export interface WindowTokens {
  readonly output: number | null;
  readonly total: number | null;
}

/** Summarises the recordings over exactly the measured window. */
export function summarise(
  recordings: readonly SourceRecording[],
  window: MeasuredWindow,
  tokens: WindowTokens,
): Telemetry {
  const of = (subject: Subject) =>
    recordings.find((recording) => recording.subject === subject && recording.samples.length > 0);
  const [accelerators, cpu, chassis] = [of('accelerators'), of('cpu'), of('chassis')];
  const [host, engine] = [of('host'), of('engine')];
  const figuresOf = (recording: SourceRecording | undefined, quantity: Quantity) =>
    recording === undefined ? undefined : figures(seriesOf(recording.samples, quantity), window);
  const cpuPower = powerOf(cpu, 'cpu', window, tokens);
  const acceleratorPower = powerOf(accelerators, 'accelerators', window, tokens);
  const power = acceleratorPower ?? cpuPower ?? { state: 'unavailable', reason: noPower(recordings) };
  return {
    window_s: (window.endMs - window.startMs) / 1000,
    power,
    ...defined({
      cpu_power: acceleratorPower !== undefined && cpuPower !== undefined ? cpuPower : undefined,
      host_power: powerOf(chassis, 'chassis', window, tokens),
      accelerators:
        accelerators === undefined
          ? undefined
          : {
              count: new Set(
                accelerators.samples.flatMap(({ readings }) => readings.map(({ device }) => device)),
              ).size,
              utilization: figuresOf(accelerators, 'utilization'),
              memory_used_bytes: figuresOf(accelerators, 'memoryUsedBytes'),
              clock_mhz: figuresOf(accelerators, 'clockMhz'),
              temperature_c: figuresOf(accelerators, 'temperatureC'),
            },
      host:
        host === undefined
          ? undefined
          : {
              cpu_share: figuresOf(host, 'utilization'),
              runnable_tasks: figuresOf(host, 'runnableTasks'),
              memory_used_bytes: figuresOf(host, 'memoryUsedBytes'),
            },
      engine: engine === undefined ? undefined : engineSummary(engine, window),
    }),
    series: seriesTable(
      {
        power_w: powerSeries(accelerators) ?? powerSeries(cpu),
        host_power_w: powerSeries(chassis),
        utilization: meanSeries(accelerators, 'utilization'),
        cpu_share: meanSeries(host, 'utilization'),
        running: meanSeries(engine, 'running'),
        waiting: meanSeries(engine, 'waiting'),
        kv_cache_usage: meanSeries(engine, 'kvCacheUsage'),
      },
      window,
    ),
    sampling: Object.fromEntries(
      recordings
        .filter(({ samples }) => samples.length > 0)
        .map(({ source, subject, samples }) => {
          const tookMs = samples.reduce((sum, sample) => sum + sample.tookMs, 0);
          const share = tookMs / (window.endMs - window.startMs);
          return [
            source,
            {
              subject,
              samples: samples.length,
              mean_ms: short(tookMs / samples.length),
              share: short(share),
            },
          ];
        }),
    ),
    troubles: Object.fromEntries(
      recordings.flatMap(({ source, trouble }) => (trouble === undefined ? [] : [[source, trouble]])),
    ),
  };
}

function noPower(recordings: readonly SourceRecording[]): string {
  const asked = recordings.filter(({ subject }) => subject === 'accelerators' || subject === 'cpu');
  if (asked.length === 0) return 'no source was read';
  return asked
    .map(({ source, trouble }) => `${source}: ${trouble ?? 'its readings contain no power'}`)
    .join('; ');
}

/** The power of each device: as read, or from the increase of its energy counter. */
function devicePower(recording: SourceRecording): TelemetrySeries[] {
  const read = seriesOf(recording.samples, 'powerW');
  return (read.length > 0 ? read : seriesOf(recording.samples, 'energyJ').map(rateOf)).filter(
    ({ points }) => points.length > 0,
  );
}

function powerOf(
  recording: SourceRecording | undefined,
  of: 'accelerators' | 'cpu' | 'chassis',
  window: MeasuredWindow,
  tokens: WindowTokens,
): PowerSummary | undefined {
  if (recording === undefined) return undefined;
  const seconds = (window.endMs - window.startMs) / 1000;
  const devices = devicePower(recording).flatMap((series) => {
    const mean = meanOf(series, window);
    if (mean === undefined) return [];
    const { covers, longestGapMs } = coverageOf(series, window);
    return [
      {
        device: series.device,
        mean_w: short(mean),
        energy_j: short(mean * seconds),
        covers_window: covers,
        longest_gap_s: short(longestGapMs / 1000),
        ...limitsOf(recording, series.device, window),
      },
    ];
  });
  const all = figures([sumOf(devicePower(recording))], window);
  if (all === undefined) return undefined;
  const mean = devices.reduce((sum, device) => sum + device.mean_w, 0);
  const energy = mean * seconds;
  return {
    state: 'measured',
    source: recording.source,
    of,
    devices,
    mean_w: short(mean),
    p50_w: all.p50,
    max_w: all.max,
    energy_j: short(energy),
    ...defined({
      j_per_output_token:
        tokens.output !== null && tokens.output > 0 ? short(energy / tokens.output) : undefined,
      j_per_total_token: tokens.total !== null && tokens.total > 0 ? short(energy / tokens.total) : undefined,
    }),
  };
}

/** What limited a device in the window, and its own count of energy; only what was read. */
function limitsOf({ samples }: SourceRecording, device: string, window: MeasuredWindow) {
  const of = (quantity: Quantity) => seriesOf(samples, quantity).find((series) => series.device === device);
  const share = (quantity: Quantity) => {
    const series = of(quantity);
    const mean = series === undefined ? undefined : meanOf(series, window);
    return mean === undefined ? undefined : short(mean);
  };
  const limits = of('powerLimitW')?.points.map(({ value }) => value) ?? [];
  const counter = of('powerW') === undefined ? undefined : of('energyJ');
  const counted = counter === undefined ? undefined : increaseOf(counter, window);
  return defined({
    limit_w: limits.length === 0 ? undefined : Math.min(...limits),
    capped_share: share('powerCapped'),
    heat_share: share('thermallySlowed'),
    counter_energy_j: counted === undefined ? undefined : short(counted),
  });
}

function engineSummary(engine: SourceRecording, window: MeasuredWindow): NonNullable<Telemetry['engine']> {
  const figuresOf = (quantity: Quantity) => figures(seriesOf(engine.samples, quantity), window);
  const increase = (quantity: Quantity) => {
    const [series] = seriesOf(engine.samples, quantity);
    return series === undefined ? undefined : increaseOf(series, window);
  };
  const seconds = (window.endMs - window.startMs) / 1000;
  const perSecond = (count: number | undefined) => (count === undefined ? undefined : short(count / seconds));
  const preemptions = increase('preemptions');
  const [drafted, accepted] = [increase('specDraftedTokens'), increase('specAcceptedTokens')];
  const drafts = drafted !== undefined && drafted > 0 && accepted !== undefined;
  return {
    running: figuresOf('running'),
    waiting: figuresOf('waiting'),
    kv_cache_usage: figuresOf('kvCacheUsage'),
    preemptions: preemptions === undefined ? undefined : Math.round(preemptions),
    spec_decode_acceptance: drafts ? short(accepted / drafted) : figuresOf('specAcceptance')?.mean,
    spec_decode_acceptance_length: figuresOf('specAcceptanceLength')?.mean,
    prompt_throughput: perSecond(increase('promptTokens')),
    generation_throughput: perSecond(increase('generationTokens')),
  };
}

/** Mean, median and maximum over all devices; undefined if the quantity was not read. */
function figures(all: readonly TelemetrySeries[], window: MeasuredWindow): Figures | undefined {
  const means = all.flatMap((series) => meanOf(series, window) ?? []);
  if (means.length === 0) return undefined;
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  const values = all.flatMap((series) => sortedInside(series, window)).toSorted((a, b) => a - b);
  // A window that is shorter than the sampling interval may contain no reading.
  return {
    mean: short(mean),
    min: short(values[0] ?? mean),
    p50: short(values[Math.floor((values.length - 1) / 2)] ?? mean),
    max: short(values.at(-1) ?? mean),
  };
}

function powerSeries(recording: SourceRecording | undefined): TelemetrySeries | undefined {
  return recording === undefined ? undefined : sumOf(devicePower(recording));
}

function meanSeries(recording: SourceRecording | undefined, quantity: Quantity): TelemetrySeries | undefined {
  const all = recording === undefined ? [] : seriesOf(recording.samples, quantity);
  if (all.length === 0) return undefined;
  const { device, points } = sumOf(all);
  return { device, points: points.map(({ atMs, value }) => ({ atMs, value: value / all.length })) };
}

/** Means over equal parts of the window, each at least one second long. */
function seriesTable(
  named: Readonly<Record<string, TelemetrySeries | undefined>>,
  window: MeasuredWindow,
): Telemetry['series'] {
  const seconds = (window.endMs - window.startMs) / 1000;
  const parts = Math.max(1, Math.min(seriesPointsAtMost, Math.floor(seconds)));
  const stepMs = (window.endMs - window.startMs) / parts;
  const steps = Array.from({ length: parts }, (_, index) => window.startMs + index * stepMs);
  const columns = Object.entries(named).flatMap(([name, series]) => {
    if (series === undefined || series.points.length === 0) return [];
    const means = steps.map((startMs) => meanOf(series, { startMs, endMs: startMs + stepMs }));
    return [[name, means.map((mean) => (mean === undefined ? null : short(mean)))] as const];
  });
  if (columns.length === 0) return {};
  return {
    t_s: steps.map((startMs) => short((startMs - window.startMs) / 1000)),
    ...Object.fromEntries(columns),
  };
}

/** Rounds to four significant digits, more than these tools can resolve. */
function short(value: number): number {
  return Number(value.toPrecision(4));
}
