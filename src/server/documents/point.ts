import { z } from 'zod';
import { gpuCounts, metricName, series, shape, verdict } from './columns.ts';

/** Counts between edges: `counts[i]` samples are in [edgesMs[i], edgesMs[i + 1]). */
const distribution = z.object({
  edgesMs: z.array(z.number()),
  counts: z.array(z.int().nonnegative()),
});

/** A figure that was sampled over the run. */
const track = z.object({
  name: z.string(),
  unit: z.string(),
  /** Seconds after the first request's start. */
  atS: z.array(z.number()),
  values: z.array(z.number().nullable()),
});

/** `points/<id>`: everything about one measurement, published or not. */
export const pointDocument = z.object({
  id: z.string(),
  runId: z.string(),
  measuredAt: z.iso.datetime(),
  verdict,
  reasons: z.array(z.string()),
  /** What it measured as a published row; null where it is invalid and so never became one. */
  published: z
    .object({
      shape,
      series,
      model: z.string(),
      image: z.string(),
      layout: z.string(),
      conc: z.int().positive(),
      gpus: gpuCounts,
      /** Exact. A metric that was not measured is not in it. */
      metrics: z.partialRecord(metricName, z.number()),
      /** 95 %. */
      intervals: z.partialRecord(metricName, z.tuple([z.number(), z.number()])),
      /** A newer measurement of the same configuration and concurrency, if there is one. */
      supersededBy: z.string().nullable(),
    })
    .nullable(),
  requests: z.object({
    asked: z.int().nonnegative(),
    completed: z.int().nonnegative(),
    /** null where the client did not count them. */
    failed: z.int().nonnegative().nullable(),
    inputTokens: z.int().nonnegative().nullable(),
    outputTokens: z.int().nonnegative().nullable(),
    durationS: z.number().nullable(),
  }),
  /** How it was served; null where the run did not say. */
  server: z
    .object({
      /** The exact command of the engine, one element per argument; secrets and paths of the host are left out. */
      args: z.array(z.string()),
      env: z.record(z.string(), z.string()),
      imageDigest: z.string().nullable(),
    })
    .nullable(),
  /** Facts of the machine and the software by name, such as `driver`; empty where none were recorded. */
  environment: z.record(z.string(), z.string()),
  /** The load generator's own state, by the names of the raw result; null where the client did not measure it. */
  fidelity: z.record(z.string(), z.unknown()).nullable(),
  /** Where the client kept the samples. */
  distributions: z.partialRecord(z.enum(['ttft', 'tpot', 'itl', 'e2el', 'chunkGap']), distribution),
  timeline: z.array(track),
  logTail: z.string().nullable(),
  /** A command that measures it again, one element per argument; null where it is not known how. */
  reproduce: z.array(z.string()).nullable(),
  /** The raw result and the aggregate row as they are in the store. */
  raw: z.record(z.string(), z.unknown()),
  row: z.record(z.string(), z.unknown()).nullable(),
});
