import { describe, expect, it } from 'vitest';
import { type SessionTree, sessionsOf } from '../sessions.ts';
import { synthesisDefaults, synthesizeTraces } from '../synthesize.ts';
import { type AgentTrace, agentTraceSchema } from '../trace.ts';
import { type ReplayRules, ReplaySchedule, type ReplaySend } from './schedule.ts';
import type { TurnOutcome } from './tree-play.ts';

const rules: ReplayRules = {
  lanes: 4,
  seed: 42,
  run: 'run-1',
  startRatios: [0.25, 0.75],
  warmupRequestsPerLane: 3,
  systemIdleCapS: 10,
  treeIdleCapS: 300,
};

interface Event {
  readonly send: ReplaySend;
  readonly startS: number;
  readonly endS: number;
}

const treesOf = (traces: readonly AgentTrace[]): readonly SessionTree[] =>
  traces.map((trace) => sessionsOf(trace, { file: 'made' }));
const synthetic = treesOf(synthesizeTraces({ ...synthesisDefaults, traces: 6, seed: 3, turns: 8 }));

/** Plays a replay on a simulated server, whose replies take the time that `answer` says. */
function simulate(
  trees: readonly SessionTree[],
  asked: Partial<ReplayRules>,
  {
    forS,
    answer = ({ outputTokens }) => 0.2 + 0.01 * outputTokens,
    outcome = () => 'completed',
  }: {
    readonly forS: number;
    readonly answer?: (send: ReplaySend) => number;
    readonly outcome?: (send: ReplaySend) => TurnOutcome;
  },
) {
  const schedule = new ReplaySchedule(trees, { ...rules, ...asked }, 0);
  const events: Event[] = [];
  const running: Event[] = [];
  let nowS = 0;
  for (;;) {
    for (const send of schedule.advance(nowS)) {
      const event = { send, startS: nowS, endS: nowS + answer(send) };
      events.push(event);
      running.push(event);
    }
    running.sort((a, b) => a.endS - b.endS);
    const endS = running[0]?.endS ?? Number.POSITIVE_INFINITY;
    const wakeS = schedule.wakeS() ?? Number.POSITIVE_INFINITY;
    const nextS = Math.min(endS, wakeS);
    const startS = schedule.profilingStartS ?? Number.POSITIVE_INFINITY;
    if (!Number.isFinite(nextS) || nextS > startS + forS) return { events, schedule };
    nowS = nextS;
    if (endS > wakeS) continue;
    const ended = running.shift();
    if (ended !== undefined) schedule.ended(ended.send, nowS, outcome(ended.send));
  }
}

const named = ({ send, startS }: Event) =>
  `${startS.toFixed(6)} ${send.phase} ${send.lane}/${send.play} ${send.conversation.id}#${send.turn}`;

describe('a replay of session trees', () => {
  it('sends the same requests at the same times for the same traces, rules and answers', () => {
    const run = () => simulate(synthetic, {}, { forS: 600 }).events.map(named);
    expect(run()).toEqual(run());
    expect(simulate(synthetic, { seed: 43 }, { forS: 600 }).events.map(named)).not.toEqual(run());
  });

  it('plays one tree on each lane, and the next trace from its start when all of a tree is over', () => {
    const { events } = simulate(synthetic, {}, { forS: 2000 });
    const plays = [...Map.groupBy(events, ({ send }) => send.play).values()];
    expect(plays.length).toBeGreaterThan(rules.lanes);
    for (const lane of Array.from({ length: rules.lanes }, (_, number) => number)) {
      const own = plays.filter(([first]) => first?.send.lane === lane);
      for (const [index, play] of own.entries()) {
        const before = own[index - 1];
        if (before === undefined) continue;
        const endS = Math.max(...before.map((event) => event.endS));
        expect(Math.min(...play.map((event) => event.startS))).toBeGreaterThanOrEqual(endS);
        expect(play[0]?.send).toMatchObject({ turn: 0, conversation: { parent: undefined } });
      }
    }
  });

  it('sends every turn of a conversation once and in order, after what it waits for', () => {
    const { events } = simulate(synthetic, {}, { forS: 2000 });
    for (const play of Map.groupBy(events, ({ send }) => send.play).values()) {
      const sent = play.filter(({ send }) => send.phase !== 'prime');
      const endOf = new Map(sent.map(({ send, endS }) => [`${send.conversation.id}#${send.turn}`, endS]));
      for (const [, stream] of Map.groupBy(sent, ({ send }) => send.conversation.id)) {
        const turns = stream.map(({ send }) => send.turn);
        expect(turns).toEqual(turns.map((_, index) => (turns[0] ?? 0) + index));
      }
      for (const { send, startS } of sent) {
        const turn = send.conversation.turns[send.turn];
        for (const ref of turn?.after ?? []) {
          const endS = endOf.get(`${ref.conversation}#${ref.turn}`);
          if (endS !== undefined) expect(startS).toBeGreaterThanOrEqual(endS);
        }
      }
    }
  });

  it('warms up before it measures: contexts at the start points, then requests of one token without pauses', () => {
    const { events } = simulate(synthetic, {}, { forS: 100 });
    const phases = events.map(({ send }) => send.phase);
    expect(phases).toEqual(phases.toSorted((a, b) => order(a) - order(b)));
    const warmUp = events.filter(({ send }) => send.phase === 'warmup');
    expect(warmUp).toHaveLength(rules.lanes * rules.warmupRequestsPerLane);
    for (const { send } of events) if (send.phase !== 'profiling') expect(send.outputTokens).toBe(1);
    const lastWarmUpS = Math.max(...warmUp.map(({ endS }) => endS));
    for (const { send, startS } of events) {
      if (send.phase === 'profiling') expect(startS).toBeGreaterThanOrEqual(lastWarmUpS);
    }
  });

  it('gives every play its own marker, the same for all of its conversations', () => {
    const { events } = simulate(synthetic.slice(0, 2), {}, { forS: 1500 });
    const plays = [...Map.groupBy(events, ({ send }) => send.play).values()];
    const markers = plays.map((play) => [...new Set(play.map(({ send }) => send.marker))]);
    expect(markers.every(({ length }) => length === 1)).toBe(true);
    expect(new Set(markers.flat()).size).toBe(plays.length);
  });

  const request = (t: number, ids: readonly number[], api_time = 1) => ({
    t,
    type: 's',
    model: 'm',
    in: 64 * ids.length,
    out: 10,
    hash_ids: ids,
    api_time,
  });
  const linear = (...starts: readonly number[]): AgentTrace =>
    agentTraceSchema.parse({
      id: `t${starts.join('-')}`,
      models: [],
      block_size: 64,
      hash_id_scope: 'local',
      requests: starts.map((t, turn) =>
        request(
          t,
          Array.from({ length: turn + 1 }, (_, id) => id),
        ),
      ),
    });
  const fromStart = { startRatios: [0, 0], warmupRequestsPerLane: 0 } as const;

  it('pauses from the end of a reply to the next request as long as recorded, whatever the server takes', () => {
    const trees = treesOf([linear(0, 5, 12)]);
    const { events } = simulate(trees, { ...fromStart, lanes: 1 }, { forS: 30, answer: () => 3 });
    expect(events.slice(0, 3).map(({ startS }) => startS)).toEqual([0, 3 + 4, 10 + 6]);
  });

  it('says when each turn was due: when its pause and all turns that it waits for were over', () => {
    const { events } = simulate(synthetic, {}, { forS: 2000 });
    const measured = events.filter(({ send }) => send.phase === 'profiling');
    expect(measured.some(({ send }) => (send.conversation.turns[send.turn]?.joins.length ?? 0) > 0)).toBe(
      true,
    );
    // The simulated client is never late.
    for (const { send, startS } of measured) expect(startS - send.dueS).toBeLessThan(1e-6);
  });

  it('is never idle for longer than the cap of the system', () => {
    const trees = treesOf([linear(0, 100)]);
    const { events, schedule } = simulate(trees, { ...fromStart, lanes: 1 }, { forS: 60 });
    expect((events[1]?.startS ?? 0) - (events[0]?.endS ?? 0)).toBeCloseTo(rules.systemIdleCapS, 9);
    expect(schedule.jumps).toMatchObject({ system: expect.any(Number), trees: 0 });
  });

  it('lets no tree be idle for longer than its cap while others are busy', () => {
    const busy = linear(...Array.from({ length: 400 }, (_, turn) => 2 * turn));
    const { events, schedule } = simulate(
      treesOf([linear(0, 1000), busy]),
      { ...fromStart, lanes: 2 },
      { forS: 500, answer: () => 1 },
    );
    const own = events.filter(({ send }) => send.lane === 0);
    expect((own[1]?.startS ?? 0) - (own[0]?.endS ?? 0)).toBeCloseTo(rules.treeIdleCapS, 9);
    expect(schedule.jumps.trees).toBe(1);
  });

  const withChild = agentTraceSchema.parse({
    ...linear(0, 40),
    requests: [
      request(0, [0]),
      {
        t: 2,
        type: 'subagent',
        agent_id: 'a',
        subagent_type: 'x',
        duration_ms: 20_000,
        status: 'completed',
        requests: [request(2, [7]), request(10, [7, 8])],
        models: [],
      },
      request(40, [0, 1]),
    ],
  });

  it('holds a turn until the children that it joins have ended', () => {
    const slow = ({ conversation }: ReplaySend): number => (conversation.parent === undefined ? 1 : 50);
    const { events } = simulate(
      treesOf([withChild]),
      { ...fromStart, lanes: 1 },
      { forS: 400, answer: slow },
    );
    const own = events.filter(({ send }) => send.play === 0);
    const childEndS = Math.max(
      ...own.filter(({ send }) => send.conversation.parent !== undefined).map(({ endS }) => endS),
    );
    const joined = own.find(({ send }) => send.conversation.parent === undefined && send.turn === 1);
    expect(joined?.startS).toBe(childEndS);
  });

  it('goes on after an error, ends a session that outgrew the context, and waits for neither', () => {
    for (const outcome of ['failed', 'too-long'] as const) {
      const { events } = simulate(
        treesOf([withChild]),
        { ...fromStart, lanes: 1 },
        {
          forS: 90,
          outcome: ({ conversation }) => (conversation.parent === undefined ? 'completed' : outcome),
        },
      );
      const own = events.filter(({ send }) => send.play === 0);
      const ofChild = own.filter(({ send }) => send.conversation.parent !== undefined);
      expect(ofChild).toHaveLength(outcome === 'failed' ? 2 : 1);
      expect(own.filter(({ send }) => send.conversation.parent === undefined)).toHaveLength(2);
    }
  });

  it('does not hang on a trace whose turns wait for others that start only after them', () => {
    const trace = agentTraceSchema.parse({
      ...linear(0, 40),
      // The first request of the list was sent last.
      requests: [request(50, [0]), request(1, [9]), request(2, [8]), request(60, [0, 1])],
    });
    const { events } = simulate(treesOf([trace]), { ...fromStart, lanes: 1 }, { forS: 300 });
    expect(events.filter(({ send }) => send.play === 0)).toHaveLength(4);
  });
});

function order(phase: string): number {
  return ['prime', 'warmup', 'profiling'].indexOf(phase);
}
