import { z } from 'zod';
import { metricNames } from '../../derived/metrics.ts';
import { verdicts } from '../../derived/verdicts.ts';
import { chartShape, seriesShape } from '../../identity/index.ts';
import { origin } from './origin.ts';

/** See `src/derived/metrics.ts` for what each of them is. */
export const metricName = z.enum(metricNames);

/** A figure of every point, in the order of `ids`; null where the point has none, which is not 0. */
const figures = z.array(z.number().nullable());

/** 95 % confidence intervals in the unit of the metric, null where a point has none. */
const intervals = z.array(z.tuple([z.number(), z.number()]).nullable());

export const verdict = z.enum(verdicts);
/** An invalid measurement is never published. */
export const publishedVerdict = verdict.exclude(['invalid']);

/** GPUs that did the work, for dividing by: equal unless the point is disaggregated. */
export const gpuCounts = z.object({
  total: z.int().positive(),
  /** Prefill. */
  input: z.int().positive(),
  /** Decode. */
  output: z.int().positive(),
});

/** What points of one line share: everything but layout, concurrency and time. */
export const series = z.object({
  /** Stable, and safe in a path. */
  key: z.string(),
  /** Its GPU in `hardware`'s list of constants, null where there are none for it. */
  gpu: z.string().nullable(),
  /** The hardware as the row names it, such as `h200` or `mi355x-disagg`, the engine and so on. */
  ...seriesShape,
});

/**
 * Points in columns: the i-th element of every array is of the same point. Numbers have 7 significant digits; the
 * exact ones are in `points/<id>`.
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
  /** Indexes into the document's `versions`; null for points of other tools, and if it is not known. */
  versions: z.array(z.int().nonnegative().nullable()),
  /** Seconds since 1970. */
  measuredAtS: z.array(z.number()),
  conc: z.array(z.int().positive()),
  /** An invalid point is never published, so it is in no column. */
  verdicts: z.array(publishedVerdict),
  /** [all, prefill, decode] GPUs of each point. */
  gpus: z.array(z.tuple([z.int().positive(), z.int().positive(), z.int().positive()])),
  /**
   * What some point has besides its series and the plain layout, by name, such as `router`: the values there are, and
   * for each point the index of its own, null where it has none.
   */
  fields: z
    .record(
      z.string(),
      z.object({ values: z.array(z.string()), of: z.array(z.int().nonnegative().nullable()) }),
    )
    .exactOptional(),
  metrics: z.record(metricName, figures),
  /** Only metrics of which some point has an interval. */
  intervals: z.partialRecord(metricName, intervals),
});

/** What every document with columns has beside them: what the indexes in them mean. */
export const columnsDocument = z.object({
  series: z.array(series),
  /** How an engine is laid out over GPUs, such as `TP8 EP1` or `prefill 2×TP4 + decode 1×TP8`. */
  layouts: z.array(z.string()),
  images: z.array(z.string()),
  /** Run ids. */
  runs: z.array(z.string()),
  /** Versions of InferenceMAX that measured points; changes of meaning lie between some. */
  versions: z.array(z.string()),
  /** Where the points of each of `runs` came from. */
  origins: z.array(origin.pick({ source: true, mark: true })),
  points: pointColumns,
});

/** A model and a shape: what one chart shows. */
export const shape = z.object({
  /** `<model prefix>_<isl>_<osl>`, safe in a path: the name of the documents below `shapes/` and `history/`. */
  key: z.string(),
  /** The model prefix; input and output sequence length asked for, tokens. */
  ...chartShape,
});
