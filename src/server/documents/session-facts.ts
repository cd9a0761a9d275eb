import { z } from 'zod';
import { publicText } from '../privacy.ts';

const figure = z.number().nullable();
const count = z.int().nonnegative();
const percentiles = z.record(z.string(), z.number()).nullish().catch(null).default(null);

/** The requests of a replay, one number per request (src/load/agentic). */
const requestsSchema = z
  .object({
    lane: z.array(count),
    play: z.array(count),
    conversation: z.array(count),
    turn: z.array(count),
    start_s: z.array(z.number()),
    end_s: z.array(z.number()),
    ttft_s: z.array(figure),
    input_tokens: z.array(figure),
    output_tokens: z.array(figure),
    cached_tokens: z.array(figure),
    blocks: z.array(count),
    ideal_blocks: z.array(count),
    outcome: z.array(z.enum(['completed', 'failed', 'too-long', 'cancelled'])),
    measured: z.array(z.boolean()),
  })
  .refine((columns) => new Set(Object.values(columns).map(({ length }) => length)).size === 1);

/** The parts of a raw result about replayed sessions that pages show. A raw result without them has none. */
const rawSessions = z.looseObject({
  max_concurrency: count.nullish().catch(null).default(null),
  agentic: z.looseObject({
    corpus: z.string(),
    traces: count,
    plays: count,
    submission_valid: z.boolean(),
    submission_invalid_reasons: z.array(z.string()).default([]),
    overrides: z.array(z.string()).default([]),
    context_overflows: count.nullish().default(null),
    warmup_requests: count.nullish().default(null),
    forced_turns: count.nullish().default(null),
    ideal_hit_rate: figure.default(null),
    achieved_hit_rate: figure.default(null),
    achieved_hit_rate_requests: count.nullish().default(null),
    e2e_norm_intvty: percentiles,
    schedule_error_ms: percentiles,
    conversations: z.array(z.string()).default([]),
    requests: requestsSchema.nullish().catch(null).default(null),
  }),
  telemetry: z
    .looseObject({ series: z.looseObject({ t_s: z.array(z.number()), kv_cache_usage: z.array(figure) }) })
    .nullish()
    .catch(null)
    .default(null),
});

type RawSessions = z.infer<typeof rawSessions>;
type RequestColumns = z.infer<typeof requestsSchema>;

/** `points/<id>`: what a replay of agent sessions has besides the figures of every load test. */
export const sessionsSummary = z.object({
  /** The data set with its revision, or what else the sessions are from. */
  corpus: z.string(),
  traces: count,
  /** Session trees that were started. */
  plays: count,
  submission: z.object({
    isValid: z.boolean(),
    reasons: z.array(z.string()),
    overrides: z.array(z.string()),
  }),
  contextOverflows: count.nullable(),
  warmupRequests: count.nullable(),
  /** Turns that were sent although others that they wait for could not come. */
  forcedTurns: count.nullable(),
  /** Share of recorded blocks that an unlimited prefix cache would have held, and of prompt tokens that were cached. */
  idealHitRate: z.number().nullable(),
  achievedHitRate: z.number().nullable(),
  /** Output tokens over E2EL, tok/s, by statistic; p90 is the slow tail. */
  e2eInteractivity: z.record(z.string(), z.number()).nullable(),
  /** How late requests were sent. */
  scheduleErrorMs: z.record(z.string(), z.number()).nullable(),
  /** Whether `sessions/<id>` has the requests. */
  hasRequests: z.boolean(),
});

export const conversationKinds = ['main', 'subagent', 'worker', 'parallel', 'auxiliary'] as const;

const histogram = z.object({ edges: z.array(z.number()), counts: z.array(count) });

/** `sessions/<id>`: the requests of a replay. */
export const sessionsDocument = z.object({
  id: z.string(),
  /** Session trees at the same time; null if the client did not record it. */
  lanes: count.nullable(),
  /** Requests of the whole run. */
  requests: count,
  /** The lanes whose requests are listed: the first ones, as many as `mostRequests` allow. */
  shown: z.object({ lanes: count, ofLanes: count, requests: count }),
  /** The listed requests in columns, by start. Times are seconds from the start of the measured phase. */
  columns: z.object({
    lane: z.array(count),
    play: z.array(count),
    /** Numbered over the listed conversations. */
    conversation: z.array(count),
    turn: z.array(count),
    startS: z.array(z.number()),
    endS: z.array(z.number()),
    ttftS: z.array(figure),
    inputTokens: z.array(figure),
    outputTokens: z.array(figure),
    cachedTokens: z.array(figure),
    /** Share of the prompt's blocks that an unlimited cache would have held. */
    idealShare: z.array(figure),
    isCompleted: z.array(z.boolean()),
    isMeasured: z.array(z.boolean()),
  }),
  /** The listed conversations. */
  conversations: z.array(z.enum(conversationKinds)),
  /** All requests of the measured phase, in intervals of equal length from its start. */
  overTime: z.object({
    intervalS: z.number().positive(),
    /** Of the prompts sent in the interval; null without one. */
    idealShare: z.array(figure),
    cachedShare: z.array(figure),
    /** Mean number of requests in flight. */
    inFlight: z.array(z.number()),
  }),
  /** Share of the KV cache in use, by the engine's own metrics; null if they were not sampled. */
  kvUse: z.object({ atS: z.array(z.number()), share: z.array(figure) }).nullable(),
  /** Over the completed requests of the measured phase: `counts[i]` is in (edges[i], edges[i + 1]], the first with 0. */
  distributions: z.partialRecord(z.enum(['inputTokens', 'outputTokens', 'cachedShare', 'turns']), histogram),
});

/** Bounds of a document, so that it stays some 100 kB. */
const mostRequests = 2000;
const mostLanes = 32;
const intervals = 60;
const bins = 24;

/** What a raw result says about replayed sessions; null if it is not from a replay. */
export function sessionsOf(raw: unknown): z.input<typeof sessionsSummary> | null {
  const { agentic } = rawSessions.safeParse(raw).data ?? {};
  if (agentic === undefined) return null;
  return {
    corpus: publicText(agentic.corpus),
    traces: agentic.traces,
    plays: agentic.plays,
    submission: {
      isValid: agentic.submission_valid,
      reasons: agentic.submission_invalid_reasons.map(publicText),
      overrides: agentic.overrides.map(publicText),
    },
    contextOverflows: agentic.context_overflows,
    warmupRequests: agentic.warmup_requests,
    forcedTurns: agentic.forced_turns,
    idealHitRate: agentic.ideal_hit_rate,
    achievedHitRate: agentic.achieved_hit_rate,
    e2eInteractivity: agentic.e2e_norm_intvty,
    scheduleErrorMs: agentic.schedule_error_ms,
    hasRequests: (agentic.requests?.lane.length ?? 0) > 0,
  };
}

/** A raw result without the requests of its sessions, which have their own document. */
export function withoutSessionRequests(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { agentic } = raw;
  if (typeof agentic !== 'object' || agentic === null) return { ...raw };
  const { requests: _, conversations: __, ...figures } = { requests: 0, conversations: 0, ...agentic };
  return { ...raw, agentic: figures };
}

/** The requests of a replay as a document; undefined if the raw result has none. */
export function sessionsDocumentOf(id: string, raw: unknown): z.input<typeof sessionsDocument> | undefined {
  const parsed = rawSessions.safeParse(raw).data;
  const requests = parsed?.agentic.requests ?? null;
  if (parsed === undefined || requests === null || requests.lane.length === 0) return undefined;
  const byStart = [...requests.lane.keys()].toSorted(
    (a, b) => at(requests.start_s, a) - at(requests.start_s, b),
  );
  const lanes = [...new Set(requests.lane)].toSorted((a, b) => a - b);
  const { shown, shownLanes } = listed(requests, byStart, lanes);
  const conversations = [...new Set(shown.map((index) => conversationOf(requests, index)))];
  const position = new Map(conversations.map((key, number) => [key, number]));
  const measured = byStart.filter((index) => at(requests.measured, index));
  return {
    id,
    lanes: parsed.max_concurrency,
    requests: byStart.length,
    shown: { lanes: shownLanes, ofLanes: lanes.length, requests: shown.length },
    columns: {
      lane: shown.map((index) => at(requests.lane, index)),
      play: shown.map((index) => at(requests.play, index)),
      conversation: shown.map((index) => position.get(conversationOf(requests, index)) ?? 0),
      turn: shown.map((index) => at(requests.turn, index)),
      startS: shown.map((index) => at(requests.start_s, index)),
      endS: shown.map((index) => at(requests.end_s, index)),
      ttftS: shown.map((index) => at(requests.ttft_s, index)),
      inputTokens: shown.map((index) => at(requests.input_tokens, index)),
      outputTokens: shown.map((index) => at(requests.output_tokens, index)),
      cachedTokens: shown.map((index) => at(requests.cached_tokens, index)),
      idealShare: shown.map((index) => share(at(requests.ideal_blocks, index), at(requests.blocks, index))),
      isCompleted: shown.map((index) => at(requests.outcome, index) === 'completed'),
      isMeasured: shown.map((index) => at(requests.measured, index)),
    },
    conversations: conversations.map((key) => kindOf(parsed, Number(key.split('/', 2)[1]))),
    overTime: overTime(requests, measured),
    kvUse: kvUseOf(parsed),
    distributions: distributionsOf(requests, measured),
  };
}

/** Whole lanes, starting with the first; if the first alone has too many requests, its earliest. */
function listed(requests: RequestColumns, byStart: readonly number[], lanes: readonly number[]) {
  const ofLane = Map.groupBy(byStart, (index) => at(requests.lane, index));
  const some = new Set<number>();
  let total = 0;
  for (const lane of lanes.slice(0, mostLanes)) {
    total += ofLane.get(lane)?.length ?? 0;
    if (total > mostRequests && some.size > 0) break;
    some.add(lane);
  }
  const shown = byStart.filter((index) => some.has(at(requests.lane, index))).slice(0, mostRequests);
  return { shown, shownLanes: some.size };
}

/** One conversation of one play. */
function conversationOf(requests: RequestColumns, index: number): string {
  return `${at(requests.play, index)}/${at(requests.conversation, index)}`;
}

/** What a conversation is, by its id; ids themselves are not published. */
function kindOf({ agentic }: RawSessions, conversation: number): (typeof conversationKinds)[number] {
  const [, ...levels] = (agentic.conversations[conversation] ?? '').split('::');
  const level = levels.at(-1);
  if (level === undefined) return 'main';
  if (level.startsWith('sa:')) return 'subagent';
  if (level.startsWith('wg:')) return 'worker';
  return level.startsWith('aux:') ? 'auxiliary' : 'parallel';
}

function overTime(requests: RequestColumns, measured: readonly number[]) {
  const endS = measured.reduce((last, index) => Math.max(last, at(requests.end_s, index)), 0);
  const intervalS = Math.max(endS, 1e-3) / intervals;
  const sums = Array.from({ length: intervals }, () => ({
    ideal: 0,
    blocks: 0,
    cached: 0,
    input: 0,
    busyS: 0,
  }));
  for (const index of measured) {
    const [startS, untilS] = [at(requests.start_s, index), at(requests.end_s, index)];
    const own = sums[Math.min(intervals - 1, Math.max(0, Math.floor(startS / intervalS)))];
    const [cached, input] = [at(requests.cached_tokens, index), at(requests.input_tokens, index)];
    if (own !== undefined && at(requests.outcome, index) === 'completed') {
      own.ideal += at(requests.ideal_blocks, index);
      own.blocks += at(requests.blocks, index);
      if (cached !== null && input !== null) {
        own.cached += cached;
        own.input += input;
      }
    }
    const from = Math.max(0, Math.floor(startS / intervalS));
    for (let number = from; number < intervals && number * intervalS < untilS; number++) {
      const within = Math.min(untilS, (number + 1) * intervalS) - Math.max(startS, number * intervalS);
      const interval = sums[number];
      if (interval !== undefined) interval.busyS += Math.max(0, within);
    }
  }
  return {
    intervalS,
    idealShare: sums.map(({ ideal, blocks }) => share(ideal, blocks)),
    cachedShare: sums.map(({ cached, input }) => share(cached, input)),
    inFlight: sums.map(({ busyS }) => short(busyS / intervalS)),
  };
}

/** The engine's samples over the measured window, which is the measured phase. */
function kvUseOf({ telemetry }: RawSessions) {
  const series = telemetry?.series;
  if (series === undefined || series.t_s.length !== series.kv_cache_usage.length) return null;
  if (series.kv_cache_usage.every((value) => value === null)) return null;
  return { atS: series.t_s, share: series.kv_cache_usage };
}

function distributionsOf(requests: RequestColumns, measured: readonly number[]) {
  const completed = measured.filter((index) => at(requests.outcome, index) === 'completed');
  const values = (of: (index: number) => number | null): number[] =>
    completed.flatMap((index) => of(index) ?? []);
  const turns = Map.groupBy(completed, (index) => conversationOf(requests, index));
  const all = {
    inputTokens: histogramOf(values((index) => at(requests.input_tokens, index))),
    outputTokens: histogramOf(values((index) => at(requests.output_tokens, index))),
    cachedShare: histogramOf(
      values((index) => share(at(requests.cached_tokens, index), at(requests.input_tokens, index))),
      1,
    ),
    turns: histogramOf([...turns.values()].map(({ length }) => length)),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, one]) => (one === undefined ? [] : [[name, one]])),
  );
}

/** Bins of equal width from 0 to the largest value. */
function histogramOf(
  values: readonly number[],
  largest = values.reduce((most, value) => Math.max(most, value), 0),
): { edges: number[]; counts: number[] } | undefined {
  if (values.length === 0 || !(largest > 0)) return undefined;
  const width = largest / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(value / width) - 1));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, edge) => short(edge * width)), counts };
}

function share(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : short(part / whole);
}

function short(value: number): number {
  return Number(value.toPrecision(5));
}

/** The lists of a replay have one length. */
function at<Value>(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new Error(`no request ${index}`);
  return value;
}
