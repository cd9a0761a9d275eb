import type { ServerFigures } from './server-figures.ts';

/** Latencies that both the client and the server measure. */
const shared = ['ttft', 'tpot', 'itl', 'e2el'] as const;
type SharedLatency = (typeof shared)[number];

interface MeanOf {
  readonly mean_ms: number | null;
}

/** The client's means, as in raw results. */
interface ClientLatencies extends Readonly<Record<`mean_${SharedLatency}_ms`, number | null>> {
  /** In an open loop, latencies from the actual send, which is the earliest that a server can see. */
  readonly from_send?: { readonly ttft: MeanOf; readonly e2el: MeanOf };
}

/** What the client measured. */
export interface ClientFigures extends ClientLatencies {
  readonly completed: number;
  readonly failed: number;
  readonly total_output_tokens: number | null;
  readonly shard?: unknown;
  readonly partial?: true;
  readonly window?: unknown;
  readonly fidelity: { readonly replies_of_several_choices: number };
}

/** The client's mean minus the server's, in milliseconds; null if they do not cover the same requests. */
export type BeyondServer = Readonly<Record<SharedLatency, number | null>>;

/** The client's figures compared with the server's. */
export interface ClientComparison {
  readonly beyond_server_ms: BeyondServer;
  /** Requests of other clients in the server's figures; null if unknown. */
  readonly other_requests: number | null;
  /** Sentences that a reader of the comparison should know. */
  readonly notes: readonly string[];
  /** Reasons to doubt the measurement, as sentences. */
  readonly doubts: readonly string[];
}

/** Time that the server does not account for makes a result suspect if it exceeds both limits. */
export const beyondServerThresholds = {
  ttft: { ms: 50, share: 0.25 },
  e2el: { ms: 20, share: 0.1 },
} as const;

/** If a server's mean exceeds the client's by more than both limits, they cover different requests. */
const mostBelowServer = { ms: 5, share: 0.05 };

export function besideClient(server: ServerFigures, client: ClientFigures): ClientComparison {
  const { others, notes, doubts } = requestsBeside(server, client);
  const comparable = others === 0;
  const means = clientMeans(client);
  const beyond = (latency: SharedLatency): number | null => {
    const [ours, theirs] = [means[latency], server.latencies[latency]?.mean_ms ?? null];
    return comparable && ours !== null && theirs !== null ? ours - theirs : null;
  };
  const beyond_server_ms = {
    ttft: beyond('ttft'),
    tpot: beyond('tpot'),
    itl: beyond('itl'),
    e2el: beyond('e2el'),
  };
  return {
    beyond_server_ms,
    other_requests: others,
    notes,
    doubts: [...doubts, ...doubtsOfDifference(beyond_server_ms, means)],
  };
}

type Means = Readonly<Record<SharedLatency, number | null>>;

/** The means that are compared with the server's. */
export function clientMeans(client: ClientLatencies): Means {
  const { from_send: sent } = client;
  return {
    ttft: sent === undefined ? client.mean_ttft_ms : sent.ttft.mean_ms,
    tpot: client.mean_tpot_ms,
    itl: client.mean_itl_ms,
    e2el: sent === undefined ? client.mean_e2el_ms : sent.e2el.mean_ms,
  };
}

interface Requests {
  /** null if they cannot be distinguished from the client's. */
  readonly others: number | null;
  readonly notes: readonly string[];
  readonly doubts: readonly string[];
}

/** Checks whether the server counted exactly the client's requests; uses tokens if it does not count requests. */
function requestsBeside(server: ServerFigures, client: ClientFigures): Requests {
  const { completed, failed } = client;
  const unknown = (note: string): Requests => ({ others: null, notes: [note], doubts: [] });
  if (client.partial === true)
    return unknown('the test was stopped early: the server also counts requests that the client cancelled');
  if (client.window !== undefined)
    return unknown(
      'the server also counts requests that were sent before or after the window of the figures',
    );
  if (client.shard !== undefined) return unknown("the server's figures include requests of other shards");
  if (client.fidelity.replies_of_several_choices > 0)
    return unknown('the server counts a reply with several choices as several requests');
  const { finished_requests: finished } = server;
  if (finished === null) return tokensBeside(server, client);
  if (finished < completed)
    return unknown(
      `the server's metrics count ${finished} of ${completed} requests: they belong to one of several replicas, or to another server`,
    );
  const others = Math.max(0, finished - completed - failed);
  if (others === 0) return { others, notes: [], doubts: [] };
  return {
    others,
    notes: [],
    doubts: [
      `the server finished ${finished} requests and the client sent ${completed + failed}: other clients used it during the measurement`,
    ],
  };
}

/** Allows for the tokens of failed requests, and for tokens without text. */
const mostTokensMore = 1.1;

function tokensBeside({ generation_tokens: made }: ServerFigures, client: ClientFigures): Requests {
  const { total_output_tokens: seen, failed } = client;
  const unknown = (note: string): Requests => ({ others: null, notes: [note], doubts: [] });
  if (made === null || seen === null || seen === 0)
    return unknown('the server does not count requests: it is unknown whether other clients used it');
  if (made < seen / mostTokensMore)
    return unknown(
      `the server's metrics count ${made} of ${seen} tokens: they belong to another server, or are late`,
    );
  if (made <= seen * mostTokensMore) return { others: 0, notes: [], doubts: [] };
  const what = `the server generated ${made} tokens and the client got ${seen}`;
  if (failed > 0) return unknown(`${what}: some may belong to failed requests`);
  return {
    others: null,
    notes: [],
    doubts: [`${what}: other clients used it during the measurement`],
  };
}

function doubtsOfDifference(beyond: BeyondServer, means: Means): readonly string[] {
  return (['ttft', 'e2el'] as const).flatMap((latency) => {
    const [differenceMs, meanMs] = [beyond[latency], means[latency]];
    if (differenceMs === null || meanMs === null) return [];
    const name = latency === 'ttft' ? 'TTFT' : 'end-to-end latency';
    const { ms, share } = beyondServerThresholds[latency];
    if (differenceMs > ms && differenceMs > share * meanMs)
      return [
        `${differenceMs.toFixed(1)} of the ${meanMs.toFixed(1)} ms of mean ${name} are outside the server's own measurement: the network, a proxy, the server's HTTP layer or the client added them`,
      ];
    if (-differenceMs > mostBelowServer.ms && -differenceMs > mostBelowServer.share * meanMs)
      return [
        `the server's mean ${name} is ${(-differenceMs).toFixed(1)} ms above the client's: its metrics cover other requests`,
      ];
    return [];
  });
}
