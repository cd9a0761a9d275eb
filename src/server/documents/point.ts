import { z } from 'zod';
import { layoutName } from '../../identity/index.ts';
import { type Knowledge, shows } from '../knowledge.ts';
import { publicName, publicText } from '../privacy.ts';
import { publicRecord, rawFields, rowFields } from '../public-fields.ts';
import { tracesOf } from '../traces.ts';
import { gpuCounts, metricName, series, shape, verdict } from './columns.ts';
import { documentKind } from './document.ts';
import { logTail } from './log-tail.ts';
import { origin, originOf } from './origin.ts';
import {
  gpuCountsOf,
  gpuNamed,
  intervalsOf,
  limitsOf,
  metricsOf,
  publicFieldsOfOne,
  seriesOfPoint,
  shapeOf,
  unknownMetricsOf,
} from './point-columns.ts';
import { powerFactsOf, unusablePowerOf } from './power-facts.ts';
import {
  distributionsOf,
  endingOf,
  environmentOf,
  forcedAcceptanceOf,
  rawSchema,
  serverMetricsOf,
  serverOf,
  timelineOf,
} from './raw-facts.ts';
import { reproduce } from './reproduce.ts';
import { sessionsOf, sessionsSummary, withoutSessionRequests } from './session-facts.ts';
import { searchIn, searchShape, workloadOf, workloadShape } from './workload-facts.ts';

/** A histogram: `counts[i]` samples are in (edgesMs[i], edgesMs[i + 1]]. */
const distribution = z.object({
  edgesMs: z.array(z.number()),
  counts: z.array(z.int().nonnegative()),
});

/** One figure for every interval of the run. */
const track = z.object({
  name: z.string(),
  unit: z.string(),
  /** Null for an interval without the figure. */
  values: z.array(z.number().nullable()),
});

/** `points/<id>`: everything about one measurement, published or not. */
export const pointDocument = z.object({
  id: z.string(),
  runId: z.string(),
  origin,
  measuredAt: z.iso.datetime(),
  verdict,
  reasons: z.array(z.string()),
  /** The published row; null if the measurement is invalid, and so has none. */
  published: z
    .object({
      shape,
      series,
      model: z.string(),
      image: z.string(),
      layout: z.string(),
      /** The InferenceMAX version that measured it; null for points of other tools. */
      version: z.string().nullable(),
      conc: z.int().positive(),
      /** Other settings by name, such as `router`. */
      fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      gpus: gpuCounts,
      /** Exact values. Metrics that were not measured are absent. */
      metrics: z.partialRecord(metricName, z.number()),
      /** Absent metrics that should have been measured but are unknown; the reasons explain why. */
      unknown: z.array(metricName),
      /** The limits of goodput and SLO attainment, such as `ttft:p99<500`; null if there were none. */
      limits: z.string().nullable(),
      /** 95 % confidence intervals. */
      intervals: z.partialRecord(metricName, z.tuple([z.number(), z.number()])),
      /** The newest measurement of the same configuration and concurrency; null if it is this one. */
      supersededBy: z.string().nullable(),
    })
    .nullable(),
  /** What was sent; null for requests of fixed lengths. */
  workload: workloadShape.nullable(),
  /** The answer of the search for the largest load, of which this is the test at that load; null if there was no search. */
  search: searchShape.nullable(),
  requests: z.object({
    /** Null if the client did not count them, as below. */
    asked: z.int().nonnegative().nullable(),
    completed: z.int().nonnegative().nullable(),
    failed: z.int().nonnegative().nullable(),
    inputTokens: z.int().nonnegative().nullable(),
    outputTokens: z.int().nonnegative().nullable(),
    /** Share of the input tokens that the server read from its prefix cache, 0 to 1. */
    cachedInputShare: z.number().nullable(),
    /** The same of an ideal cache that was empty at the start. */
    idealCachedInputShare: z.number().nullable(),
    durationS: z.number().nullable(),
    /** Why sending ended, in seconds from the start; null if it is not recorded. */
    ending: z
      .object({
        /** `duration`, `precision`, `saturation`, `errors` or `interruption`; `requests` if all were sent. */
        reason: z.string(),
        atS: z.number(),
        inFlight: z.int().nonnegative(),
        detail: z.string().nullable(),
        /** The part whose requests are in the figures; null if all are. */
        window: z.object({ fromS: z.number(), toS: z.number(), outside: z.int().nonnegative() }).nullable(),
      })
      .nullable(),
  }),
  /** How it was served; null if the run did not record it. Host paths are reduced to their last name. */
  server: z
    .object({
      /** The exact command line of the engine, one element per argument. */
      args: z.array(z.string()),
      env: z.record(z.string(), z.string()),
      runner: z.string().nullable(),
    })
    .nullable(),
  /** Facts about the machine and the software by name, such as `driver`. */
  environment: z.record(z.string(), z.string()),
  /**
   * The load generator's own state, by the names of the raw result; null if the client did not measure it.
   */
  fidelity: z.record(z.string(), z.unknown()).nullable(),
  /** The measurement according to the server's own metrics, means in ms; null if they were not read. */
  serverMetrics: z
    .object({
      engine: z.string(),
      /** Requests of other clients included in these figures; null if unknown, as below. */
      otherRequests: z.int().nonnegative().nullable(),
      latencies: z.array(
        z.object({
          /** Such as `ttft`, or `queue` for a part that only the server can measure. */
          latency: z.string(),
          count: z.number().nonnegative(),
          serverMs: z.number().nullable(),
          clientMs: z.number().nullable(),
          /** Time added by the network, the server's HTTP layer and the client. */
          beyondMs: z.number().nullable(),
        }),
      ),
      /** Fraction of looked-up prompt tokens, 0 to 1. */
      prefixCacheShare: z.number().nullable(),
      /** The same of the cache in host memory or of another server. */
      externalCacheShare: z.number().nullable(),
      /** Prompt tokens by source; null if the engine counts none of them. */
      promptTokensFrom: z
        .object({
          gpuCache: z.number().nullable(),
          cpuOrExternalCache: z.number().nullable(),
          computed: z.number().nullable(),
        })
        .nullable(),
      /** How fast the KV cache was moved between GPUs and host memory, in each direction; null if not counted. */
      kvOffload: z
        .object({ toCpuBytesPerS: z.number().nullable(), toGpuBytesPerS: z.number().nullable() })
        .nullable(),
      preemptions: z.int().nonnegative().nullable(),
      /** Fraction of drafted tokens, 0 to 1. */
      draftAcceptance: z.number().nullable(),
      /** Mean tokens per verification step, the model's own token included. */
      acceptanceLength: z.number().nullable(),
      /** For each position in drafts, the fraction of drafts whose token there was accepted. */
      acceptanceByPosition: z.array(z.number()).nullable(),
      notes: z.array(z.string()),
    })
    .nullable(),
  /**
   * The acceptance of drafts that the engine was made to have, whatever its draft model predicts; null if drafts were
   * really verified.
   */
  forcedAcceptance: z.object({ length: z.number(), draftTokens: z.int().nullable() }).nullable(),
  /** The distributions that the client recorded. */
  distributions: z.partialRecord(z.enum(['ttft', 'tpot', 'itl', 'e2el', 'chunk_gap']), distribution),
  /** The run in intervals of equal length, starting at the first send; null if the client recorded none. */
  timeline: z.object({ intervalS: z.number().positive(), tracks: z.array(track) }).nullable(),
  /** Replayed sessions of coding agents; null for other load. Their requests are in `sessions/<id>`. */
  sessions: sessionsSummary.nullable(),
  /** Power of all devices over the measured window, means over intervals of equal length; null if not measured. */
  powerOverTime: z
    .object({
      fromS: z.number().nonnegative(),
      intervalS: z.number().positive(),
      watts: z.array(z.number().nullable()),
    })
    .nullable(),
  /** Sampled over the measured window. */
  telemetry: z.array(
    z.object({
      device: z.string(),
      /** With its unit, such as `power_w`. */
      metric: z.string(),
      samples: z.int().nonnegative(),
      mean: z.number(),
      min: z.number(),
      max: z.number(),
    }),
  ),
  /** Measured power of the devices or the CPUs, and how far it can be trusted; null if it was not measured. */
  power: z
    .object({
      of: z.enum(['accelerators', 'cpu']),
      /** The tool or kernel interface that measured it. */
      source: z.string(),
      devices: z.int().positive(),
      /** Of all devices together. */
      meanW: z.number(),
      jPerOutputToken: z.number().nullable(),
      /** 95 % confidence interval of the energy per output token over the run, without the sensor's own error. */
      interval: z.tuple([z.number(), z.number()]).nullable(),
      /** Power limit of all devices together, from the driver or else the vendor's board power. */
      limit: z.object({ w: z.number(), from: z.enum(['driver', 'vendor']) }).nullable(),
      /**
       * Share of the window in which power limited the clock, 0 to 1: as the driver reported it, or else the
       * share with at least 97 % of the limit.
       */
      atLimit: z.object({ share: z.number(), by: z.enum(['driver', 'power']) }).nullable(),
      /** Share of the window in which heat lowered the clock, 0 to 1. */
      heatShare: z.number().nullable(),
      meanClockMhz: z.number().nullable(),
      maxClockMhz: z.number().nullable(),
      /** The longest time between two samples. */
      longestGapS: z.number().nullable(),
      /** The whole machines at their power supplies, as their management controllers report it; null if not read. */
      host: z.object({ meanW: z.number(), source: z.string() }).nullable(),
      /** Largest relative difference of a device's sampled energy from its own energy counter. */
      counterDifference: z.number().nullable(),
    })
    .nullable(),
  /** Why the power that DCGM exporters sampled is not among the figures; empty if it is, or if none was sampled. */
  unusablePower: z.array(z.string()),
  /** Traces of the engine's profiler; empty if it was not profiled. */
  profileFiles: z.array(
    z.object({
      name: z.string(),
      /** Where to download it, relative to the page; null if this server does not offer it. */
      url: z.string().nullable(),
    }),
  ),
  /** Last lines of the engine log; null if it is not on this host. */
  logTail: z.string().nullable(),
  /** A command that repeats the measurement, with its standard input; null if unknown. */
  reproduce: z
    .object({
      args: z.array(z.string()),
      stdin: z.string(),
      /**
       * What the command takes from a current config because the measurement did not record it; null if
       * nothing.
       */
      assumes: z.string().nullable(),
    })
    .nullable(),
  /** The raw result and the aggregate row; the row is null if there is none. */
  raw: z.record(z.string(), z.unknown()),
  row: z.record(z.string(), z.unknown()).nullable(),
});

/**
 * Maximum number of points with their own page on a published site: first the latest ones, then the newest of
 * the others.
 */
const mostPublishedPoints = 10_000;

export const pointKind = documentKind<typeof pointDocument, 'id'>({
  path: 'points/{id}',
  summary:
    'Everything about one measurement: how it was served, how far it can be trusted, its distributions and its raw result.',
  schema: pointDocument,
  all: async (knowledge) => {
    const { store } = knowledge;
    const latest = await store.latestPoints();
    const shown = latest.filter(({ row }) => shows(knowledge, row.hw)).map(({ id }) => id);
    const ids = new Set(shown);
    let cursor: string | undefined;
    do {
      const page = await store.points({}, { limit: 1000, cursor });
      for (const { id, row } of page.items) if (shows(knowledge, row.hw)) ids.add(id);
      cursor = page.next;
    } while (cursor !== undefined && ids.size < mostPublishedPoints);
    return [...ids].map((id) => ({ id }));
  },
  build: async (knowledge, { id }) => {
    const measurement = await knowledge.store.measurement(id);
    if (measurement === undefined) return undefined;
    if (measurement.row !== undefined && !shows(knowledge, measurement.row.hw)) return undefined;
    const served = await knowledge.store.servedBy(id);
    const raw = rawSchema.parse(measurement.raw);
    const power = powerFactsOf(measurement.raw, constantsOf(knowledge, measurement.row?.hw));
    return {
      id,
      runId: measurement.sweepId,
      origin: originOf(measurement),
      measuredAt: measurement.measuredAt,
      verdict: measurement.verdict,
      reasons: measurement.reasons.map(publicText),
      published: await publishedOf(knowledge, id),
      workload: workloadOf(measurement.row),
      search: searchIn(measurement.raw),
      requests: {
        asked: raw.num_prompts,
        completed: raw.completed,
        failed: raw.failed,
        inputTokens: raw.total_input_tokens,
        outputTokens: raw.total_output_tokens,
        cachedInputShare: raw.prefix_cache?.share ?? null,
        idealCachedInputShare: raw.ideal_prefix_cache?.share ?? null,
        durationS: raw.duration,
        ending: endingOf(raw),
      },
      server: serverOf(raw, served),
      environment: environmentOf(measurement),
      fidelity: raw.fidelity == null ? null : publicRecord(raw.fidelity, rawFields.fidelity?.fields ?? {}),
      serverMetrics: serverMetricsOf(raw),
      forcedAcceptance: forcedAcceptanceOf(raw),
      distributions: distributionsOf(raw),
      timeline: timelineOf(raw),
      sessions: sessionsOf(measurement.raw),
      powerOverTime: power.overTime,
      telemetry: measurement.telemetry.map((figure) => ({ ...figure })),
      power: power.power,
      unusablePower: unusablePowerOf(measurement.raw),
      profileFiles: await tracesOf(knowledge, id, raw.profile_files),
      logTail: served === undefined ? null : await logTail(served),
      reproduce:
        measurement.row === undefined ? null : reproduce(measurement.row, measurement.source, knowledge),
      raw: publicRecord(withoutSessionRequests(measurement.raw), rawFields),
      row: measurement.row === undefined ? null : publicRecord({ ...measurement.row }, rowFields),
    };
  },
});

function constantsOf({ gpus }: Knowledge, hw: string | undefined) {
  const named = hw === undefined ? null : gpuNamed(hw, gpus);
  return gpus.find(({ gpu }) => gpu === named);
}

async function publishedOf(
  knowledge: Knowledge,
  id: string,
): Promise<z.input<typeof pointDocument>['published']> {
  const { store, gpus } = knowledge;
  const [point, supersededBy] = await Promise.all([store.point(id), store.supersededBy(id)]);
  if (point === undefined) return null;
  const { row } = point;
  const measured = Object.entries(metricsOf(point)).filter(([, value]) => value !== null);
  return {
    shape: shapeOf(row),
    series: seriesOfPoint(row, gpus),
    model: publicName(row.model),
    image: publicName(row.image),
    layout: layoutName(row),
    version: point.productVersion === null ? null : publicName(point.productVersion),
    conc: row.conc,
    fields: publicFieldsOfOne(row),
    gpus: gpuCountsOf(point),
    metrics: Object.fromEntries(measured),
    unknown: unknownMetricsOf(point),
    limits: limitsOf(point),
    intervals: intervalsOf(point),
    supersededBy: supersededBy ?? null,
  };
}
