import { z } from 'zod';

const figure = z.number().nullable();
const count = z.int().min(0);

const percentiles = z.object({
  mean: z.number(),
  p50: z.number(),
  p75: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
});

/** One number per request, in the order in which the requests ended. */
const ofRequests = {
  lane: z.array(count),
  play: z.array(count).describe('Plays are numbered over the whole run'),
  conversation: z.array(count).describe('Index in `conversations`'),
  turn: z.array(count),
  start_s: z
    .array(z.number())
    .describe('Seconds from the start of the measured phase; below 0 in the warm-up'),
  end_s: z.array(z.number()),
  ttft_s: z.array(figure),
  input_tokens: z.array(figure),
  output_tokens: z.array(figure),
  cached_tokens: z.array(figure).describe('null if the server does not report it'),
  blocks: z.array(count),
  ideal_blocks: z.array(count).describe('Blocks that an unlimited cache would have held'),
  outcome: z.array(z.enum(['completed', 'failed', 'too-long', 'cancelled'])),
  measured: z.array(z.boolean()).describe('false for the warm-up'),
};

/** What a raw result of replayed agent sessions has besides the figures of every load test. */
export const agenticFields = z.object({
  corpus: z
    .string()
    .describe('The data set with its revision, the file with its digest, or how it was generated'),
  traces: count,
  block_tokens: count,
  plays: count.describe('Session trees that were started'),
  submission_valid: z.boolean(),
  submission_invalid_reasons: z.array(z.string()),
  overrides: z.array(z.string()).describe('The rules of the public benchmark that the run did not keep'),
  context_overflows: count,
  warmup_requests: count,
  forced_turns: count.describe('Turns that were sent although others that they wait for could not come'),
  ideal_hit_rate: figure.describe('Share of recorded blocks that an unlimited prefix cache would have held'),
  achieved_hit_rate: figure.describe('Share of prompt tokens that the server reports as cached'),
  achieved_hit_rate_requests: count.describe('Requests for which it reports this'),
  e2e_norm_intvty: percentiles
    .nullable()
    .describe('Output tokens over E2EL of each request, tok/s; P90 is the slow tail, as in public rows'),
  schedule_error_ms: percentiles.nullable().describe('How late requests were sent'),
  idle_jumps: z
    .object({ system: count, system_s: z.number(), trees: count, trees_s: z.number() })
    .describe('How often timers were moved forward because nothing was in flight, and by how much'),
  conversations: z.array(z.string()).describe('Ids of root sessions and subagents; `::` separates levels'),
  requests: z.object(ofRequests),
});

export type AgenticFields = z.output<typeof agenticFields>;
