import { z } from 'zod';
import { metricNames } from '../../derived/metrics.ts';
import { verdicts } from '../../derived/verdicts.ts';
import { chartShape, seriesShape } from '../../identity/index.ts';
import { origin } from './origin.ts';

/** Documented in `src/derived/metrics.ts`. */
export const metricName = z.enum(metricNames);

/**
 * A figure of every point, in the order of `ids`; null if a point does not have it, which is different from
 * 0.
 */
const figures = z.array(z.number().nullable());

/** 95 % confidence intervals in the unit of the metric; null if a point has none. */
const intervals = z.array(z.tuple([z.number(), z.number()]).nullable());

export const verdict = z.enum(verdicts);
/** Invalid measurements are never published. */
export const publishedVerdict = verdict.exclude(['invalid']);

/** GPU counts for dividing throughputs; all equal unless the point is disaggregated. */
export const gpuCounts = z.object({
  total: z.int().positive(),
  /** GPUs used for prefill. */
  input: z.int().positive(),
  /** GPUs used for decode. */
  output: z.int().positive(),
});

/** What the points of one line share: everything except layout, concurrency and time. */
export const series = z.object({
  /** Stable, and safe in a path. */
  key: z.string(),
  /** Its GPU in the constants of `hardware`; null if there are none for it. */
  gpu: z.string().nullable(),
  /** The fields of the series: the hardware key, such as `h200` or `mi355x-disagg`, the engine and so on. */
  ...seriesShape,
});

/**
 * Points in columns: the i-th element of every array belongs to the same point. Numbers have 7 significant
 * digits; `points/<id>` has the exact ones.
 */
export const pointColumns = z.object({
  ids: z.array(z.string()),
  /** Indexes into the document's `series`. */
  series: z.array(z.int().nonnegative()),
  /** Indexes into the document's `layouts`. */
  layouts: z.array(z.int().nonnegative()),
  /** Indexes into the document's `images`. */
  images: z.array(z.int().nonnegative()),
  /** Indexes into the document's `runs`. */
  runs: z.array(z.int().nonnegative()),
  /** Indexes into the document's `versions`; null for points of other tools and for unknown versions. */
  versions: z.array(z.int().nonnegative().nullable()),
  /** Unix time in seconds. */
  measuredAtS: z.array(z.number()),
  conc: z.array(z.int().positive()),
  /** Without `invalid`, because invalid points are never published. */
  verdicts: z.array(publishedVerdict),
  /** [all, prefill, decode] GPUs of each point. */
  gpus: z.array(z.tuple([z.int().positive(), z.int().positive(), z.int().positive()])),
  /**
   * Fields that some points have in addition to their series and the basic layout, such as `router`: by name,
   * the distinct values and for each point the index of its value, null without one.
   */
  fields: z
    .record(
      z.string(),
      z.object({ values: z.array(z.string()), of: z.array(z.int().nonnegative().nullable()) }),
    )
    .exactOptional(),
  metrics: z.record(metricName, figures),
  /** Only metrics for which some point has an interval. */
  intervals: z.partialRecord(metricName, intervals),
});

/** The tables of a document with columns, to which the indexes in its columns refer. */
export const columnsDocument = z.object({
  series: z.array(series),
  /** Layouts of engines over GPUs, such as `TP8 EP1` or `prefill 2×TP4 + decode 1×TP8`. */
  layouts: z.array(z.string()),
  images: z.array(z.string()),
  /** Ids of runs. */
  runs: z.array(z.string()),
  /**
   * Versions of InferenceMAX that measured the points; figures may have changed their meaning between
   * versions.
   */
  versions: z.array(z.string()),
  /** The origins of the points of each run in `runs`. */
  origins: z.array(origin.pick({ source: true, mark: true })),
  points: pointColumns,
});

/** A model and a shape: the content of one chart. */
export const shape = z.object({
  /** `<model prefix>_<isl>_<osl>`, safe in a path; used in the paths of `shapes/` and `history/`. */
  key: z.string(),
  /** The model prefix, and the requested ISL and OSL in tokens. */
  ...chartShape,
});
