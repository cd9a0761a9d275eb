import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import type { AgentMessage } from './messages.ts';
import { type AgentConversation, type SessionTree, sessionsOf } from './sessions.ts';
import { snapshotAt, startsOf } from './snapshot.ts';
import { type AgentTrace, agentTraceSchema, commonPrefix, isSubagent, type TraceRequest } from './trace.ts';

const blockTokens = 16;

/** Prompts are drawn as branches of a few stems, so that they share, extend and cut each other's prefixes. */
const request: fc.Arbitrary<TraceRequest> = fc
  .record({
    t: fc.integer({ min: 0, max: 40 }).map((half) => half / 2),
    stem: fc.integer({ min: 0, max: 2 }),
    length: fc.integer({ min: 0, max: 8 }),
    fork: fc.integer({ min: 0, max: 8 }),
    branch: fc.integer({ min: 0, max: 2 }),
    rest: fc.integer({ min: 0, max: 2 * blockTokens }),
    out: fc.integer({ min: 0, max: 60 }),
    apiTime: fc.option(fc.integer({ min: -1, max: 8 })),
    model: fc.constantFrom('opus', 'opus', 'haiku'),
    stop: fc.constantFrom('', 'tool_use', 'end_turn'),
  })
  .map(({ t, stem, length, fork, branch, rest, out, apiTime, model, stop }) => {
    const ids = Array.from({ length }, (_, at) => 1000 * stem + at + (at >= fork ? 100 * (1 + branch) : 0));
    const input = Math.max(1, length * blockTokens + rest);
    return { t, type: 'n', model, in: input, out, hash_ids: ids, api_time: apiTime, stop };
  });

const trace: fc.Arbitrary<AgentTrace> = fc
  .array(fc.oneof({ weight: 5, arbitrary: request }, fc.array(request, { maxLength: 6 })), {
    minLength: 1,
    maxLength: 14,
  })
  .map((entries) =>
    agentTraceSchema.parse({
      id: 'drawn',
      models: [],
      block_size: blockTokens,
      hash_id_scope: 'local',
      requests: entries.map((entry, index) =>
        Array.isArray(entry)
          ? {
              t: 0,
              type: 'subagent',
              agent_id: `agent-${index}`,
              subagent_type: 'Explore',
              status: 'completed',
              requests: entry,
              models: [],
            }
          : entry,
      ),
    }),
  );

const made = trace.map((drawn) => ({ drawn, tree: sessionsOf(drawn, { file: 'drawn' }) }));

function all({ root, children }: SessionTree): readonly AgentConversation[] {
  return [root, ...children];
}

function tokensOf(messages: readonly AgentMessage[]): number {
  return messages.reduce((sum, { blocks, restTokens }) => sum + blocks.length * blockTokens + restTokens, 0);
}

/** The recorded request of a turn. */
function recorded(
  drawn: AgentTrace,
  { source }: AgentConversation['turns'][number],
): TraceRequest | undefined {
  const entry = drawn.requests[source.index];
  if (entry === undefined) return undefined;
  return isSubagent(entry) ? entry.requests[source.innerIndex ?? 0] : entry;
}

describe('the sessions of any trace', () => {
  const check = (property: (one: { drawn: AgentTrace; tree: SessionTree }) => void): void =>
    fc.assert(fc.property(made, property), { numRuns: runs(60) });

  it('have every request once, except those of subagents that no turn of the root precedes', () => {
    check(({ drawn, tree }) => {
      const sources = all(tree).flatMap(({ turns }) =>
        turns.map(({ source }) => `${source.index}/${source.innerIndex ?? '-'}`),
      );
      const first = Math.min(...tree.root.turns.map(({ source }) => source.index));
      const expected = drawn.requests.flatMap((entry, index) => {
        if (!isSubagent(entry)) return [`${index}/-`];
        return index > first ? entry.requests.map((_, inner) => `${index}/${inner}`) : [];
      });
      expect(sources.toSorted()).toEqual(expected.toSorted());
    });
  });

  it('send prompts of exactly the recorded length, with the recorded blocks at their start', () => {
    check(({ drawn, tree }) => {
      for (const turn of all(tree).flatMap(({ turns }) => turns)) {
        const request = recorded(drawn, turn);
        expect(tokensOf(turn.messages)).toBe(request?.in);
        const sent = turn.messages.flatMap(({ blocks }) => blocks);
        const whole = Math.min(request?.hash_ids.length ?? 0, Math.floor((request?.in ?? 0) / blockTokens));
        expect(sent).toEqual(request?.hash_ids.slice(0, whole));
      }
    });
  });

  it('keep the messages of a turn in the next one, unless it says that they changed', () => {
    check(({ tree }) => {
      for (const { turns } of all(tree)) {
        for (const [index, turn] of turns.entries()) {
          const before = turns[index - 1]?.messages ?? [];
          const isContinued = before.every((message, at) => turn.messages[at] === message);
          expect(isContinued).toBe(!turn.isReset);
        }
      }
    });
  });

  it('end every prompt with a user message, unless the turn adds nothing to the one before', () => {
    check(({ drawn, tree }) => {
      for (const { turns } of all(tree)) {
        for (const [index, turn] of turns.entries()) {
          const ids = recorded(drawn, turn)?.hash_ids ?? [];
          const before = turns[index - 1];
          const kept = before === undefined ? 0 : commonPrefix(recorded(drawn, before)?.hash_ids ?? [], ids);
          const adds = turn.inputTokens > kept * blockTokens;
          if (adds) expect(turn.messages.at(-1)?.role).toBe('user');
        }
      }
    });
  });

  it('are in order of time in every agent that was found, which has one model', () => {
    check(({ drawn, tree }) => {
      for (const { turns } of tree.children) {
        const starts = turns.map(({ startMs = 0 }) => startMs);
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        const withBlocks = turns.filter(({ blocks, source }) => blocks > 0 && source.list === 'flat');
        expect(new Set(withBlocks.map((turn) => recorded(drawn, turn)?.model)).size).toBeLessThanOrEqual(1);
      }
    });
  });

  it('wait only for turns that were recorded to end before they started, so they cannot wait for each other', () => {
    check(({ tree }) => {
      const turnsOf = new Map(all(tree).map(({ id, turns }) => [id, turns]));
      for (const turn of all(tree).flatMap(({ turns }) => turns)) {
        for (const ref of turn.after) {
          const awaited = turnsOf.get(ref.conversation)?.[ref.turn];
          const endMs = (awaited?.startMs ?? Number.NaN) + (awaited?.apiTimeMs ?? 0);
          expect(endMs).toBeLessThanOrEqual(turn.startMs ?? Number.NaN);
        }
      }
    });
  });

  it('join a branch only after the turn that starts it', () => {
    check(({ tree }) => {
      for (const { id, isBackground } of tree.branches) {
        const spawned = tree.root.turns.findIndex(({ spawns }) => spawns.includes(id));
        const joined = tree.root.turns.findIndex(({ joins }) => joins.includes(id));
        expect(spawned).toBeGreaterThanOrEqual(0);
        expect(joined === -1).toBe(isBackground);
      }
    });
  });

  it('lose no turn where they are cut: each is over, or comes from a live stream or a branch that starts later', () => {
    fc.assert(
      fc.property(made, fc.double({ min: 0, max: 1, noNaN: true }), ({ tree }, ratio) => {
        const [first, last] = startsOf(tree) ?? [0, 0];
        const point = snapshotAt(tree, first + ratio * (last - first));
        if (point === undefined) return;
        for (const conversation of all(tree)) {
          const done = point.done.get(conversation.id) ?? 0;
          const live = point.streams.find(({ conversation: id }) => id === conversation.id);
          if (live !== undefined) expect(live.nextTurn).toBe(done);
          else if (done < conversation.turns.length) {
            const branch = tree.branches.find(({ children }) => children.includes(conversation.id));
            const spawner = tree.root.turns.findIndex(({ spawns }) => spawns.includes(branch?.id ?? ''));
            expect(spawner).toBeGreaterThanOrEqual(point.done.get(tree.root.id) ?? 0);
          }
        }
      }),
      { numRuns: runs(60) },
    );
  });
});
