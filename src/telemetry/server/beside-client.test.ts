import { describe, expect, test } from 'vitest';
import { besideClient, type ClientFigures } from './beside-client.ts';
import type { ServerFigures } from './server-figures.ts';

const server: ServerFigures = {
  finished_requests: 100,
  prompt_tokens: 6400,
  generation_tokens: 3200,
  latencies: {
    ttft: { count: 100, mean_ms: 90, median_within_ms: null, p99_within_ms: null },
    e2el: { count: 100, mean_ms: 1000, median_within_ms: null, p99_within_ms: null },
  },
  external_cache: null,
  prompt_tokens_from: null,
  kv_offload: null,
  prefix_cache: null,
  preemptions: null,
  spec_decode: null,
};
const client: ClientFigures = {
  completed: 100,
  failed: 0,
  total_output_tokens: 3200,
  mean_ttft_ms: 95,
  mean_tpot_ms: 20,
  mean_itl_ms: 20,
  mean_e2el_ms: 1010,
  fidelity: { replies_of_several_choices: 0 },
};

describe('comparison of the client with the server', () => {
  test('compares the means of the same requests, with null if the server lacks a figure', () => {
    expect(besideClient(server, client)).toEqual({
      beyond_server_ms: { ttft: 5, tpot: null, itl: null, e2el: 10 },
      other_requests: 0,
      notes: [],
      doubts: [],
    });
  });

  test('allows for failed requests among those that the server finished', () => {
    const one = besideClient({ ...server, finished_requests: 101 }, { ...client, failed: 1 });
    expect(one).toMatchObject({ other_requests: 0, doubts: [], beyond_server_ms: { ttft: 5 } });
  });

  test('reports and doubts requests of other clients, and compares nothing', () => {
    const { beyond_server_ms, ...rest } = besideClient({ ...server, finished_requests: 112 }, client);
    expect(beyond_server_ms).toEqual({ ttft: null, tpot: null, itl: null, e2el: null });
    expect(rest).toEqual({
      other_requests: 12,
      notes: [],
      doubts: [
        'the server finished 112 requests and the client sent 100: other clients used it during the measurement',
      ],
    });
  });

  test.each<[string, Partial<ServerFigures>, Partial<ClientFigures>, RegExp]>([
    ['fewer requests than replies', { finished_requests: 60 }, {}, /count 60 of 100 requests/],
    ['a test that was stopped early', {}, { partial: true }, /stopped early/],
    ['figures of a part of the test', {}, { completed: 60, window: {} }, /before or after the window/],
    ['a shard', {}, { shard: { number: 1, of: 2 } }, /other shards/],
    ['several choices', {}, { fidelity: { replies_of_several_choices: 100 } }, /several choices/],
    ['a server that counts nothing', { finished_requests: null, generation_tokens: null }, {}, /unknown/],
    [
      'fewer tokens than received',
      { finished_requests: null, generation_tokens: 10 },
      {},
      /count 10 of 3200/,
    ],
  ])('%s: not compared, with a reason that does not cast doubt on the measurement', (_, of, by, note) => {
    const { beyond_server_ms, other_requests, notes, doubts } = besideClient(
      { ...server, ...of },
      { ...client, ...by },
    );
    expect(beyond_server_ms.ttft).toBeNull();
    expect({ other_requests, doubts }).toEqual({ other_requests: null, doubts: [] });
    expect(notes).toEqual([expect.stringMatching(note)]);
  });

  test('uses token counts to detect other clients if the server does not count requests', () => {
    const byTokens = { ...server, finished_requests: null };
    expect(besideClient(byTokens, client)).toMatchObject({ other_requests: 0, doubts: [] });
    expect(besideClient({ ...byTokens, generation_tokens: 9000 }, client)).toMatchObject({
      other_requests: null,
      beyond_server_ms: { ttft: null },
      doubts: [expect.stringMatching(/generated 9000 tokens and the client got 3200: other clients/)],
    });
  });

  test('compares an open loop from the actual send, because the server cannot see the wait before it', () => {
    const from_send = { ttft: { mean_ms: 92 }, e2el: { mean_ms: 1004 } };
    const late = { ...client, mean_ttft_ms: 5000, mean_e2el_ms: 6000, from_send };
    expect(besideClient(server, late)).toMatchObject({ beyond_server_ms: { ttft: 2, e2el: 4 }, doubts: [] });
  });

  test('time that the server does not account for makes a result suspect only if it is long, and a large part', () => {
    const doubtsAt = (mean_ttft_ms: number, mean_e2el_ms: number) =>
      besideClient(server, { ...client, mean_ttft_ms, mean_e2el_ms }).doubts;
    expect(doubtsAt(139, 1010)).toEqual([]);
    expect(doubtsAt(160, 1080)).toEqual([
      "70.0 of the 160.0 ms of mean TTFT are outside the server's own measurement: the network, a proxy, the server's HTTP layer or the client added them",
    ]);
    expect(doubtsAt(95, 1200)).toEqual([expect.stringMatching(/^200.0 of the 1200.0 ms of mean end-to-end/)]);
    expect(doubtsAt(95, 500)).toEqual([
      "the server's mean end-to-end latency is 500.0 ms above the client's: its metrics cover other requests",
    ]);
  });
});
