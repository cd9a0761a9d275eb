import { z } from 'zod';
import type { SessionTree } from '../../src/load/agentic/sessions.ts';
import type { RequestTruth } from '../../src/load/mock/truth.ts';
import { percentileOf, sumOf } from '../../src/results/agentic/figures.ts';

const metric = z.object({ value: z.number() }).optional();
const lineSchema = z.object({
  metadata: z.object({
    benchmark_phase: z.string(),
    conversation_id: z.string(),
    turn_index: z.int(),
    x_correlation_id: z.string(),
    request_start_ns: z.number(),
    request_end_ns: z.number(),
  }),
  metrics: z.object({
    time_to_first_token: metric,
    request_latency: metric,
    output_sequence_length: metric,
  }),
});

/** A request as its client exported it, and as the server recorded it. Times are milliseconds since the epoch. */
export interface PairedRequest {
  readonly isMeasured: boolean;
  readonly session: string;
  readonly conversation: string;
  readonly turn: number;
  readonly client: {
    readonly startMs: number;
    readonly endMs: number;
    readonly ttftMs: number;
    readonly e2elMs: number;
    readonly outputTokens: number;
  };
  readonly server: RequestTruth;
}

/**
 * Pairs the lines of a client's `profile_export.jsonl` with the server's records: the requests of a session are sent
 * one after another, so the n-th line of a session is its n-th request.
 */
export function pairedRequests(exported: string, truths: readonly RequestTruth[]): readonly PairedRequest[] {
  const lines = exported
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => lineSchema.parse(JSON.parse(text)));
  const served = Map.groupBy(truths, ({ session }) => session);
  return [...Map.groupBy(lines, ({ metadata }) => metadata.x_correlation_id)].flatMap(([session, own]) => {
    const requests = (served.get(session) ?? []).toSorted((a, b) => a.receivedMs - b.receivedMs);
    return own
      .toSorted((a, b) => a.metadata.request_start_ns - b.metadata.request_start_ns)
      .flatMap(({ metadata, metrics }, index): PairedRequest[] => {
        const server = requests[index];
        if (server === undefined) return [];
        return [
          {
            isMeasured: metadata.benchmark_phase === 'profiling',
            session,
            conversation: metadata.conversation_id,
            turn: metadata.turn_index,
            client: {
              startMs: metadata.request_start_ns / 1e6,
              endMs: metadata.request_end_ns / 1e6,
              ttftMs: metrics.time_to_first_token?.value ?? Number.NaN,
              e2elMs: metrics.request_latency?.value ?? Number.NaN,
              outputTokens: metrics.output_sequence_length?.value ?? Number.NaN,
            },
            server,
          },
        ];
      });
  });
}

/** A figure according to the client, and according to the server. */
export interface ComparedFigure {
  readonly name: string;
  readonly unit: string;
  readonly client: number;
  readonly server: number;
}

interface TimedReply {
  readonly startMs: number;
  readonly endMs: number;
  readonly ttftMs: number;
  readonly e2elMs: number;
  readonly outputTokens: number;
}

/** Throughput and P90 latencies of the measured requests (contract F7), from both sides. */
export function comparedFigures(pairs: readonly PairedRequest[]): readonly ComparedFigure[] {
  const measured = pairs.filter(({ isMeasured }) => isMeasured);
  const client = figures(measured.map((pair) => pair.client));
  const server = figures(
    measured.map(({ server: { receivedMs, firstMs, lastMs, outputTokens } }) => ({
      startMs: receivedMs,
      endMs: lastMs,
      ttftMs: firstMs - receivedMs,
      e2elMs: lastMs - receivedMs,
      outputTokens,
    })),
  );
  return client.map((figure, index) => ({
    name: figure.name,
    unit: figure.unit,
    client: figure.value,
    server: server[index]?.value ?? Number.NaN,
  }));
}

function figures(replies: readonly TimedReply[]) {
  const p90 = (values: readonly number[]): number =>
    percentileOf(
      values.toSorted((a, b) => a - b),
      90,
    );
  const first = replies.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
  const last = replies.reduce((most, { endMs }) => Math.max(most, endMs), Number.NEGATIVE_INFINITY);
  const severalTokens = replies.filter(({ outputTokens }) => outputTokens > 1);
  return [
    {
      name: 'output throughput',
      unit: 'tok/s',
      value: (1000 * sumOf(replies.map(({ outputTokens }) => outputTokens))) / (last - first),
    },
    { name: 'P90 TTFT', unit: 'ms', value: p90(replies.map(({ ttftMs }) => ttftMs)) },
    { name: 'P90 E2EL', unit: 'ms', value: p90(replies.map(({ e2elMs }) => e2elMs)) },
    {
      name: 'P90 ITL',
      unit: 'ms',
      value: p90(
        severalTokens.map(({ e2elMs, ttftMs, outputTokens }) => (e2elMs - ttftMs) / (outputTokens - 1)),
      ),
    },
    {
      name: 'P90 normalized interactivity',
      unit: 'tok/s',
      value: 1000 / p90(replies.map(({ e2elMs, outputTokens }) => e2elMs / outputTokens)),
    },
  ];
}

/**
 * How late requests arrived at the server, by the server's clock: after the end of the reply before and the recorded
 * pause. Of turns that wait only for the turn before them, which both clients must send at the same time.
 */
export function scheduleErrorsMs(
  pairs: readonly PairedRequest[],
  trees: readonly SessionTree[],
): readonly number[] {
  const turns = new Map(
    trees.flatMap(({ root, children }) => [root, ...children]).map(({ id, turns: own }) => [id, own]),
  );
  return [...Map.groupBy(pairs, ({ session }) => session).values()].flatMap((own) =>
    own.flatMap((pair, index) => {
      const before = own[index - 1];
      const turn = turns.get(pair.conversation)?.[pair.turn];
      if (before === undefined || !before.isMeasured || before.turn !== pair.turn - 1) return [];
      if (turn?.pauseMs === undefined || turn.joins.length > 0 || turn.after.length > 0) return [];
      return [pair.server.receivedMs - before.server.lastMs - turn.pauseMs];
    }),
  );
}
