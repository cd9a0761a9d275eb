import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { someEntry } from '../../test/support/some-entry.ts';
import { type MultiNodeEntry, resultName, type SingleNodeEntry } from '../identity/index.ts';
import type { Recipe } from './recipe.ts';
import { type PlanContext, planSessions, sessionBy, startsPerPoint } from './session.ts';

const multi: MultiNodeEntry = {
  image: 'example/engine:v1',
  model: 'org/model',
  'model-prefix': 'model',
  precision: 'fp8',
  framework: 'dynamo-trt',
  runner: 'gb200',
  isl: 1024,
  osl: 1024,
  'spec-decoding': 'mtp',
  prefill: { 'num-worker': 1, tp: 4, ep: 4, 'dp-attn': true },
  decode: { 'num-worker': 2, tp: 8, ep: 8, 'dp-attn': false },
  conc: [1, 2],
  'max-model-len': 2248,
  'exp-name': 'model_1k1k',
  disagg: true,
};

const tpOnly: Recipe = {
  server: ({ entry }) => ({
    args: 'tp' in entry ? ['--tp', String(entry.tp)] : [],
    env: {},
    files: [],
    acceleratorCount: 'tp' in entry ? entry.tp : 1,
  }),
};
const perConcurrency: Recipe = {
  server: (point) => ({ ...tpOnly.server(point), env: { MAX_NUM_SEQS: String(point.conc) } }),
};
const cappedSequences: Recipe = {
  server: (point) => ({ ...tpOnly.server(point), args: ['--max-num-seqs', String(point.maxConc)] }),
  caps: { '--max-num-seqs': 'a cap that no measurement reaches' },
};
const plan = (
  entries: readonly (SingleNodeEntry | MultiNodeEntry)[],
  recipe: Recipe = tpOnly,
  options: Partial<PlanContext> = {},
) => planSessions(entries, { recipes: () => recipe, hardwareOf: (entry) => entry.runner, ...options });

describe('planSessions', () => {
  test('points whose servers resolve to the same command share one engine start', () => {
    const entries = [1, 2, 4, 8].flatMap((conc) => [
      { ...someEntry, conc },
      { ...someEntry, conc, isl: 8192, 'exp-name': 'model_8k1k' },
    ]);
    const { sessions } = plan(entries);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.points.map((point) => [point.entry.isl, point.conc])).toEqual(
      entries.map(({ isl, conc }) => [isl, conc]),
    );
    expect(startsPerPoint(plan(entries))).toBe(1 / 8);
  });

  test('a flag that depends on the concurrency needs one start per concurrency', () => {
    expect(
      plan(
        [1, 2, 4].map((conc) => ({ ...someEntry, conc })),
        perConcurrency,
      ).sessions,
    ).toHaveLength(3);
  });

  test('a declared cap is raised, so that one start serves all concurrencies', () => {
    const entries = [1, 2, 4].map((conc) => ({ ...someEntry, conc }));
    const { sessions } = plan(entries, cappedSequences);
    expect(sessions.map(({ server, points }) => [server.args, points.map(({ conc }) => conc)])).toEqual([
      [
        ['--max-num-seqs', '4'],
        [1, 2, 4],
      ],
    ]);
    expect(sessions[0]?.shared).toEqual({ maxConc: 4, servers: 3, caps: cappedSequences.caps });
  });

  test('a cap that is raised without a reason is rejected', () => {
    const entries = [1, 2].map((conc) => ({ ...someEntry, conc }));
    expect(() => plan(entries, { server: cappedSequences.server })).toThrow(
      'recipe benchmarks/model_fp8_h200_vllm raises --max-num-seqs for a shared start',
    );
  });

  test('a cap is raised only to the highest concurrency that shares the start', () => {
    const entries = [
      { ...someEntry, conc: 2 },
      { ...someEntry, tp: 4, conc: 64 },
    ];
    expect(plan(entries, cappedSequences).sessions.map(({ server }) => server.args[1])).toEqual(['2', '64']);
    expect(plan(entries, cappedSequences).sessions.map(({ shared }) => shared)).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("a session holds the server of every launcher, and starts the one of its node's launcher", () => {
    const byLauncher: Recipe = {
      server: (point) => ({
        ...tpOnly.server(point),
        env: point.launcher === 'docker' ? { NCCL_GRAPH_REGISTER: '0' } : {},
      }),
    };
    const [session] = plan([someEntry], byLauncher, { launcherOf: () => 'slurm' }).sessions;
    if (session === undefined) throw new Error('no session');
    expect(Object.keys(session.serverBy ?? {})).toEqual(['docker']);
    expect(sessionBy(session, 'docker').server.env).toEqual({ NCCL_GRAPH_REGISTER: '0' });
    expect(sessionBy(session, 'slurm').server.env).toEqual({});
    expect(plan([someEntry]).sessions[0]?.serverBy).toBeUndefined();
  });

  test('sharing can be limited to identical servers, or turned off', () => {
    const entries = [2, 2, 4].flatMap((conc) => [
      { ...someEntry, conc },
      { ...someEntry, conc, isl: 8192, 'exp-name': 'model_8k1k' },
    ]);
    const counts = (sharing: PlanContext['sharing'] & string) =>
      plan(entries, cappedSequences, { sharing }).sessions.map(({ server, points }) => [
        server.args[1],
        points.length,
      ]);
    expect(counts('identical')).toEqual([
      ['2', 2],
      ['4', 2],
    ]);
    expect(counts('none')).toEqual([
      ['2', 1],
      ['2', 1],
      ['4', 1],
      ['4', 1],
    ]);
  });

  test.each([
    ['image', { ...someEntry, image: 'example/engine:v2' }],
    ['model', { ...someEntry, model: 'org/other' }],
    ['runner', { ...someEntry, runner: 'h200-cw_0' }],
    ['tensor parallelism', { ...someEntry, tp: 4 }],
  ])('a different %s makes a different session', (_, other) => {
    expect(plan([someEntry, other]).sessions).toHaveLength(2);
  });

  test('a multi-node entry is one session with one point per concurrency', () => {
    const { sessions } = plan([multi]);
    expect(sessions.map((session) => session.points.map((point) => point.conc))).toEqual([[1, 2]]);
  });

  test('throughputs of a disaggregated engine are divided by the GPUs of its phases, not by the parallelism of the entry', () => {
    const worker = { nodesPerWorker: 2, acceleratorsPerWorker: 8, args: [], env: {}, files: [] };
    const workers = [
      { role: 'prefill' as const, count: 1, ...worker },
      { role: 'decode' as const, count: 3, ...worker },
    ];
    const recipe: Recipe = {
      server: () => ({
        args: [],
        env: {},
        files: [],
        acceleratorCount: 32,
        disaggregated: { workers, frontends: 1 },
      }),
    };
    expect(plan([multi], recipe).sessions[0]?.points.map(({ phaseGpus }) => phaseGpus)).toEqual([
      { prefill: 8, decode: 24 },
      { prefill: 8, decode: 24 },
    ]);
  });

  test('a point that is listed twice is measured once', () => {
    expect(plan([someEntry, someEntry]).sessions[0]?.points).toHaveLength(1);
  });

  test('the public client settings apply unless the recipe overrides them', () => {
    const [point] =
      plan([someEntry], { ...tpOnly, client: ({ conc }) => ({ numPrompts: 50 * conc }) }).sessions[0]
        ?.points ?? [];
    expect(point?.client).toEqual({
      numPrompts: 200,
      warmupRequests: 4,
      randomRangeRatio: 0.8,
      useChatTemplate: false,
      seed: 0,
    });
  });

  test('a point of the August contract is warmed up with two requests per stream', () => {
    const warmUps = (entry: SingleNodeEntry) =>
      plan([entry], { ...tpOnly, heeds: ['pp'] }).sessions[0]?.points[0]?.client.warmupRequests;
    expect([warmUps(someEntry), warmUps({ ...someEntry, pp: 1 })]).toEqual([
      someEntry.conc,
      2 * someEntry.conc,
    ]);
  });

  test('a shared start has capacity for every point, and more sharing never needs more starts', () => {
    const choice = fc.record({
      conc: fc.integer({ min: 1, max: 64 }),
      tp: fc.constantFrom(1, 8),
      isl: fc.constantFrom(1024, 8192),
    });
    fc.assert(
      fc.property(fc.array(choice, { minLength: 1 }), (choices) => {
        const entries = choices.map((fields) => ({
          ...someEntry,
          ...fields,
          'exp-name': `model_${fields.isl}`,
        }));
        const planned = (sharing: PlanContext['sharing'] & string) =>
          plan(entries, cappedSequences, { sharing }).sessions;
        const ids = (sharing: PlanContext['sharing'] & string) =>
          planned(sharing)
            .flatMap(({ points }) =>
              points.map(({ entry, conc }) => `${entry.isl} ${conc} ${JSON.stringify(entry)}`),
            )
            .toSorted();
        for (const { server, points } of planned('ranges'))
          expect(Number(server.args[1])).toBe(Math.max(...points.map(({ conc }) => conc)));
        expect(ids('ranges')).toEqual(ids('none'));
        expect(planned('ranges').length).toBeLessThanOrEqual(planned('identical').length);
        expect(planned('identical').length).toBeLessThanOrEqual(planned('none').length);
      }),
    );
  });

  test('every point is planned exactly once, with a unique id, in any order of the entries', () => {
    const entries = fc.uniqueArray(
      fc.record({ conc: fc.integer({ min: 1, max: 64 }), tp: fc.constantFrom(1, 2, 4, 8) }),
      {
        selector: ({ conc, tp }) => `${conc}/${tp}`,
      },
    );
    fc.assert(
      fc.property(entries, (choices) => {
        const ids = (list: typeof choices) =>
          plan(list.map((choice) => ({ ...someEntry, ...choice }))).sessions.flatMap((session) =>
            session.points.map(({ id }) => id),
          );
        expect(new Set(ids(choices)).size).toBe(choices.length);
        expect(ids(choices.toReversed()).toSorted()).toEqual(ids(choices).toSorted());
      }),
    );
  });
});

test('result names match those of the public system', () => {
  expect(resultName(someEntry, 4, 'node_0')).toBe('model_1k1k_fp8_vllm_tp8_ep1_dpa_false_conc4_node_0');
});
