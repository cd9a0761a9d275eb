import { z } from 'zod';
import type { ServedBy, StoredMeasurement } from '../../store/index.ts';
import { publicArgs, publicText, publicVariables, publicWord } from '../privacy.ts';
import { environmentFields, publicPublisher, publicRecord } from '../public-fields.ts';

const count = z.int().nonnegative().nullish().catch(null).default(null);
const figures = z.array(z.number().nullable()).optional().catch(undefined);

const figure = z.number().nullish().catch(null).default(null);
const share = z.looseObject({ share: figure }).nullish().catch(null).default(null);

/** The server's own figures of a measurement (src/telemetry/server/server-report.ts). */
const serverMetricsSchema = z.looseObject({
  state: z.literal('read'),
  engine: z.string(),
  other_requests: count,
  latencies: z.record(z.string(), z.looseObject({ count: z.number(), mean_ms: figure })),
  prefix_cache: share,
  external_cache: share,
  prompt_tokens_from: z
    .object({ gpuCache: figure, cpuOrExternalCache: figure, computed: figure })
    .nullish()
    .catch(null)
    .default(null),
  kv_offload: z
    .object({
      to_cpu: z.looseObject({ bytes_per_s: figure }),
      to_gpu: z.looseObject({ bytes_per_s: figure }),
    })
    .nullish()
    .catch(null)
    .default(null),
  preemptions: count,
  spec_decode: z
    .looseObject({
      acceptance: figure,
      acceptance_length: figure,
      acceptance_by_position: z.array(z.number()).nullish().catch(null).default(null),
    })
    .nullish()
    .catch(null)
    .default(null),
  notes: z.array(z.string()).default([]),
});

/**
 * The parts of a raw result of any tool that pages show. A part that is missing or invalid counts as absent.
 */
export const rawSchema = z.looseObject({
  num_prompts: count,
  completed: count,
  failed: count,
  total_input_tokens: count,
  total_output_tokens: count,
  prefix_cache: share,
  ideal_prefix_cache: share,
  ended_by: z
    .looseObject({ reason: z.string(), at_s: z.number(), in_flight: z.int(), detail: z.string().optional() })
    .optional()
    .catch(undefined),
  window: z
    .looseObject({ from_s: z.number(), to_s: z.number(), outside: z.int() })
    .optional()
    .catch(undefined),
  duration: z.number().nullish().catch(null).default(null),
  profile_files: z.array(z.string()).catch([]).default([]),
  fidelity: z.record(z.string(), z.unknown()).nullish().catch(null).default(null),
  server_metrics: serverMetricsSchema.optional().catch(undefined),
  forced_acceptance: z
    .looseObject({ acceptance_length: z.number(), draft_tokens: z.int().optional() })
    .optional()
    .catch(undefined),
  timeline: z
    .looseObject({
      interval_s: z.number().positive(),
      request_throughput: figures,
      output_throughput: figures,
      in_flight: figures,
      failed: figures,
      median_ttft_ms: figures,
      median_tpot_ms: figures,
    })
    .optional()
    .catch(undefined),
  distributions: z
    .record(z.string(), z.object({ edges_ms: z.array(z.number()), counts: z.array(z.int().nonnegative()) }))
    .optional()
    .catch(undefined),
  provenance: z
    .looseObject({
      server: z
        .looseObject({ args: z.array(z.string()), env: z.record(z.string(), z.string()).default({}) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

type Raw = z.infer<typeof rawSchema>;

/** Why a measurement ended, and the part of it that its figures are about; null if it is not recorded. */
export function endingOf({ ended_by: ended, window }: Raw) {
  if (ended === undefined) return null;
  const { reason, at_s: atS, in_flight: inFlight, detail } = ended;
  return {
    reason: publicText(reason),
    atS,
    inFlight,
    detail: detail === undefined ? null : publicText(detail),
    window: window === undefined ? null : { fromS: window.from_s, toS: window.to_s, outside: window.outside },
  };
}

/** The acceptance of drafts that the engine was made to have; null if drafts were really verified. */
export function forcedAcceptanceOf({ forced_acceptance: forced }: Raw) {
  if (forced === undefined) return null;
  return { length: forced.acceptance_length, draftTokens: forced.draft_tokens ?? null };
}

const beyondSchema = z.record(z.string(), figure).catch({});

/** The server's own figures next to the client's; null if its metrics were not read. */
export function serverMetricsOf({ server_metrics: own, fidelity }: Raw) {
  if (own === undefined) return null;
  const beyond = beyondSchema.parse(fidelity?.beyond_server_ms ?? {});
  return {
    engine: publicPublisher(own.engine) ?? 'the server',
    otherRequests: own.other_requests,
    latencies: Object.entries(own.latencies).map(([latency, { count: of, mean_ms: serverMs }]) => {
      const beyondMs = beyond[latency] ?? null;
      const clientMs = serverMs === null || beyondMs === null ? null : serverMs + beyondMs;
      return { latency, count: of, serverMs, clientMs, beyondMs };
    }),
    prefixCacheShare: own.prefix_cache?.share ?? null,
    externalCacheShare: own.external_cache?.share ?? null,
    promptTokensFrom: own.prompt_tokens_from,
    kvOffload:
      own.kv_offload === null
        ? null
        : {
            toCpuBytesPerS: own.kv_offload.to_cpu.bytes_per_s,
            toGpuBytesPerS: own.kv_offload.to_gpu.bytes_per_s,
          },
    preemptions: own.preemptions,
    draftAcceptance: own.spec_decode?.acceptance ?? null,
    acceptanceLength: own.spec_decode?.acceptance_length ?? null,
    acceptanceByPosition: own.spec_decode?.acceptance_by_position ?? null,
    notes: own.notes.map(publicText),
  };
}

const tracks = {
  output_throughput: 'tok/s',
  request_throughput: 'requests/s',
  in_flight: 'requests',
  failed: 'requests',
  median_ttft_ms: 'ms',
  median_tpot_ms: 'ms',
} as const;

/** The timeline of a raw result by track; null if the client recorded none. */
export function timelineOf({ timeline }: Raw) {
  if (timeline === undefined) return null;
  const names = Object.keys(tracks) as (keyof typeof tracks)[];
  return {
    intervalS: timeline.interval_s,
    tracks: names.flatMap((name) => {
      const values = timeline[name];
      return values === undefined ? [] : [{ name, unit: tracks[name], values }];
    }),
  };
}

const metrics = ['ttft', 'tpot', 'itl', 'e2el', 'chunk_gap'] as const;

/** The distributions of a raw result that pages show, by metric. */
export function distributionsOf({ distributions }: Raw) {
  const known: Partial<Record<(typeof metrics)[number], { edgesMs: number[]; counts: number[] }>> = {};
  for (const metric of metrics) {
    const one = distributions?.[metric];
    if (one !== undefined) known[metric] = { edgesMs: one.edges_ms, counts: one.counts };
  }
  return known;
}

/** How a measurement was served, from the journal or else from the raw result. */
export function serverOf({ provenance }: Raw, served: ServedBy | undefined) {
  const args = served?.argv ?? provenance?.server?.args;
  if (args === undefined) return null;
  return {
    args: publicArgs(args),
    env: publicVariables(provenance?.server?.env ?? {}),
    runner: served?.runner == null ? null : (publicWord(served.runner) ?? null),
  };
}

/** The public facts about a measurement's environment, by name. */
export function environmentOf({ environment }: StoredMeasurement): Record<string, string> {
  if (environment === undefined) return {};
  const { more, imageDigest: image_digest, gitSha: git_sha, ...named } = environment;
  const facts = Object.entries(publicRecord({ ...named, image_digest, git_sha, ...more }, environmentFields));
  return Object.fromEntries(
    facts.flatMap(([name, value]) =>
      value === null || value === undefined
        ? []
        : [[name, typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  );
}
