import { z } from 'zod';

/** Stands for `block_size` tokens; the same id stands for the same tokens anywhere in its trace. */
export type HashId = number | bigint;

const hashIds = z.custom<readonly HashId[]>(
  (value) => Array.isArray(value) && value.every((id) => typeof id === 'bigint' || Number.isSafeInteger(id)),
  { error: 'a list of whole numbers' },
);

const tokens = z.int().nonnegative();
const seconds = z.number();

const requestFields = {
  /** Start, from the beginning of the trace. */
  t: seconds,
  model: z.string(),
  in: tokens,
  out: tokens,
  hash_ids: hashIds.default([]),
  input_types: z.array(z.string()).optional(),
  output_types: z.array(z.string()).optional(),
  stop: z.string().optional(),
  /** From the request to the end of its reply. */
  api_time: seconds.nullish(),
  think_time: seconds.nullish(),
};

const wholeRequest = z.strictObject({ ...requestFields, type: z.literal('n') });
const streamedRequest = z.strictObject({ ...requestFields, type: z.literal('s'), ttft: seconds.nullish() });

const subagent = z.strictObject({
  t: seconds,
  type: z.literal('subagent'),
  agent_id: z.string(),
  subagent_type: z.string(),
  duration_ms: z.int().nullish(),
  total_tokens: z.int().nullish(),
  tool_use_count: z.int().nullish(),
  status: z.string(),
  requests: z.array(z.discriminatedUnion('type', [wholeRequest, streamedRequest])),
  models: z.array(z.string()),
  tool_tokens: tokens.default(0),
  system_tokens: tokens.default(0),
});

/** A recorded session of a coding agent: one line of `traces.jsonl` (F5). */
export const agentTraceSchema = z.strictObject({
  id: z.string(),
  models: z.array(z.string()),
  block_size: z.int().positive(),
  hash_id_scope: z.literal('local'),
  requests: z.array(z.discriminatedUnion('type', [wholeRequest, streamedRequest, subagent])),
  tool_tokens: tokens.default(0),
  system_tokens: tokens.default(0),
  totals: z.record(z.string(), z.unknown()).nullish(),
});

export type AgentTrace = z.infer<typeof agentTraceSchema>;
/** A request to the model, in the main list or in a subagent. */
export type TraceRequest = z.infer<typeof wholeRequest> | z.infer<typeof streamedRequest>;
export type TraceSubagent = z.infer<typeof subagent>;

export function isSubagent(entry: TraceRequest | TraceSubagent): entry is TraceSubagent {
  return entry.type === 'subagent';
}

/** When the reply to a request ended, in seconds; a missing or negative duration counts as none. */
export function endOf({ t, api_time }: Pick<TraceRequest, 't' | 'api_time'>): number {
  return t + Math.max(api_time ?? 0, 0);
}

/** How many ids two lists have in common from their start. */
export function commonPrefix(a: readonly HashId[], b: readonly HashId[]): number {
  const most = Math.min(a.length, b.length);
  for (let index = 0; index < most; index++) {
    if (a[index] !== b[index]) return index;
  }
  return most;
}
