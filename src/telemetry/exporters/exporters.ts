import { defined } from '../../defined/defined.ts';
import type { OpenSource, SourceRecording } from '../recorder.ts';
import type { MetricsPlace } from '../server/metric-names.ts';
import { type ExportedGpu, gpusIn } from './dcgm-text.ts';

/** The DCGM exporter of one of an engine's nodes. */
export interface NodeExporter {
  /** The node's name, as its place defines it. */
  readonly node: string;
  readonly place: MetricsPlace;
}

export interface ScrapeTimes {
  readonly intervalS: number;
  /** Timeout of one reading. */
  readonly timeoutS: number;
}

/** A gap of more than 3 s makes power invalid, so one late answer must not be one. */
export const scrapeTimes: ScrapeTimes = { intervalS: 1, timeoutS: 2 };

/** The name of the source in raw results. */
export const exporterSource = 'dcgm-exporter';

/** The power of a GPU at one scrape of its node's exporter. */
export interface ExportedPower {
  readonly hostname: string;
  readonly gpuIndex: number;
  readonly uuid: string;
  /** Counted for each exporter. */
  readonly scrape: number;
  /** Seconds of Unix time on this machine, at the middle of the scrape. */
  readonly atS: number;
  readonly powerW: number;
}

/** What was read from the exporters of an engine's nodes. */
export interface ExporterSamples extends ScrapeTimes {
  readonly rows: readonly ExportedPower[];
  readonly startedS: number;
  readonly stoppedS: number;
  readonly scrapes: number;
  /** Their URLs. */
  readonly exporters: readonly string[];
  /** Why an exporter could not be read, at times or at all. */
  readonly troubles: readonly string[];
}

/** An exporter that is sampled, with the GPUs that it named. */
export interface OpenExporter {
  readonly exporter: NodeExporter;
  readonly source: OpenSource;
  /** The GPUs of every scrape, by device name, in order of scrapes. */
  readonly scrapes: readonly ReadonlyMap<string, ExportedGpu>[];
}

/** Prepares to sample the exporter of node `number` of an engine; its devices are called `node<number>/gpu<index>`. */
export function openExporter(
  exporter: NodeExporter,
  number: number,
  { intervalS, timeoutS }: ScrapeTimes,
): OpenExporter {
  const scrapes: ReadonlyMap<string, ExportedGpu>[] = [];
  const deviceOf = (index: number) => `node${number}/gpu${index}`;
  return {
    exporter,
    scrapes,
    source: {
      name: `${exporterSource} node${number}`,
      subject: 'accelerators',
      intervalS,
      timeoutMs: 1000 * timeoutS,
      keepsTrying: true,
      read: async (timeoutMs) => {
        const { place } = exporter;
        const gpus = gpusOf(await place.read(timeoutMs), deviceOf, place.url);
        scrapes.push(new Map(gpus.map(({ index, uuid }) => [deviceOf(index), { index, uuid }])));
        return gpus.flatMap(({ readings }) => readings);
      },
    },
  };
}

function gpusOf(text: string, deviceOf: (index: number) => string, url: string) {
  try {
    return gpusIn(text, deviceOf);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${url} is not that of a DCGM exporter: ${message}`, { cause });
  }
}

/** The recordings of all exporters as one, in order of time; undefined if none answered. */
export function recordedTogether(recordings: readonly SourceRecording[]): SourceRecording | undefined {
  const [first] = recordings;
  if (first === undefined) return undefined;
  const samples = recordings.flatMap((one) => one.samples).toSorted((one, other) => one.atMs - other.atMs);
  const troubles = recordings.flatMap(({ source, trouble }) =>
    trouble === undefined ? [] : [`${source}: ${trouble}`],
  );
  return {
    source: exporterSource,
    subject: first.subject,
    samples,
    missed: recordings.reduce((sum, { missed }) => sum + missed, 0),
    ...defined({ trouble: troubles.length === 0 ? undefined : troubles.join('; ') }),
  };
}

/** What the exporters said, for the files of a benchmark. */
export function samplesOfExporters(
  opened: readonly OpenExporter[],
  recordings: readonly SourceRecording[],
  times: Pick<ExporterSamples, 'startedS' | 'stoppedS' | 'intervalS' | 'timeoutS'>,
): ExporterSamples {
  const sampled = opened.map(({ exporter, source, scrapes }) => {
    const recording = recordings.find((one) => one.source === source.name);
    const rows = (recording?.samples ?? []).flatMap(({ atMs, readings }, scrape) =>
      readings.flatMap(({ device, quantity, value }): ExportedPower[] => {
        const gpu = scrapes[scrape]?.get(device);
        if (quantity !== 'powerW' || gpu === undefined) return [];
        const { index: gpuIndex, uuid } = gpu;
        return [{ hostname: exporter.node, gpuIndex, uuid, scrape, atS: atMs / 1000, powerW: value }];
      }),
    );
    const trouble = recording?.trouble;
    return { rows, scrapes: scrapes.length, trouble: trouble && `exporter of ${exporter.node}: ${trouble}` };
  });
  return {
    rows: sampled.flatMap(({ rows }) => rows),
    ...times,
    scrapes: Math.max(0, ...sampled.map(({ scrapes }) => scrapes)),
    exporters: opened.map(({ exporter }) => exporter.place.url),
    troubles: sampled.flatMap(({ trouble }) => trouble ?? []),
  };
}
