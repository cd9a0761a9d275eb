import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defined } from '../defined/defined.ts';
import { type ScheduleState, schedule, type WaitingSession } from './schedule.ts';

const nodeNames = ['a', 'b', 'c', 'd'];

const moments: fc.Arbitrary<ScheduleState> = fc
  .record({
    sessions: fc.array(
      fc.record({
        priority: fc.integer({ min: 0, max: 2 }),
        rank: fc.constantFrom(0, 1, Number.POSITIVE_INFINITY),
        nodes: fc.subarray(nodeNames),
        estimateS: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
      }),
      { maxLength: 8 },
    ),
    free: fc.subarray(nodeNames),
    remainingS: fc.option(fc.integer({ min: -5, max: 120 }), { nil: undefined }),
  })
  .map(({ sessions, free, remainingS }) => ({
    waiting: sessions.map(({ estimateS, ...session }, index) => ({
      id: `s${index}`,
      ...session,
      ...defined({ estimateS }),
    })),
    free: new Set(free),
    ...defined({ remainingS }),
  }));

function session(id: string, nodes: readonly string[], more: Partial<WaitingSession> = {}): WaitingSession {
  return { id, priority: 0, rank: 0, nodes, ...more };
}

test('every assigned node is free, gets one session, and may run it', () => {
  fc.assert(
    fc.property(moments, (moment) => {
      const { assignments } = schedule(moment);
      expect(new Set(assignments.map(({ node }) => node)).size).toBe(assignments.length);
      expect(new Set(assignments.map(({ sessionId }) => sessionId)).size).toBe(assignments.length);
      for (const { sessionId, node } of assignments) {
        expect(moment.free.has(node)).toBe(true);
        expect(moment.waiting.find(({ id }) => id === sessionId)?.nodes).toContain(node);
      }
    }),
  );
});

test('no free node stays idle if a waiting session could use it', () => {
  fc.assert(
    fc.property(moments, (moment) => {
      const { assignments, leftOut } = schedule(moment);
      const used = new Set(assignments.map(({ node }) => node));
      const gone = new Set([...assignments, ...leftOut].map(({ sessionId }) => sessionId));
      for (const { id, nodes } of moment.waiting)
        if (!gone.has(id))
          for (const node of nodes) expect(moment.free.has(node) && !used.has(node)).toBe(false);
    }),
  );
});

test('a session never takes a node that a waiting session of higher priority needs', () => {
  fc.assert(
    fc.property(moments, (moment) => {
      const { assignments, leftOut } = schedule(moment);
      const gone = new Set([...assignments, ...leftOut].map(({ sessionId }) => sessionId));
      const priorityOf = (id: string) => moment.waiting.find((one) => one.id === id)?.priority ?? 0;
      for (const waiting of moment.waiting.filter(({ id }) => !gone.has(id)))
        for (const { sessionId, node } of assignments)
          if (waiting.nodes.includes(node))
            expect(priorityOf(sessionId)).toBeLessThanOrEqual(waiting.priority);
    }),
  );
});

test('sessions are left out only if they have no node or exceed the remaining time', () => {
  fc.assert(
    fc.property(moments, (moment) => {
      const { leftOut } = schedule(moment);
      const why = new Map(leftOut.map((one) => [one.sessionId, one.why]));
      for (const { id, nodes, estimateS = 0 } of moment.waiting) {
        const { remainingS = Number.POSITIVE_INFINITY } = moment;
        const expected =
          nodes.length === 0 ? 'no-node' : remainingS <= 0 || estimateS > remainingS ? 'no-time' : undefined;
        expect(why.get(id)).toBe(expected);
      }
    }),
  );
});

test('if nodes share the work, the longest session starts first, so that no node works alone at the end', () => {
  const waiting = [
    session('short', ['a', 'b'], { estimateS: 10 }),
    session('long', ['a', 'b'], { estimateS: 100 }),
    session('middle', ['a', 'b'], { estimateS: 50 }),
  ];
  const { assignments } = schedule({ waiting, free: new Set(['a', 'b']) });
  expect(assignments.map(({ sessionId }) => sessionId)).toEqual(['long', 'middle']);
});

test('a session that can use any node leaves the node that another session needs', () => {
  const waiting = [session('anywhere', ['a', 'b']), session('only a', ['a'])];
  expect(schedule({ waiting, free: new Set(['a', 'b']) }).assignments).toEqual([
    { sessionId: 'anywhere', node: 'b' },
    { sessionId: 'only a', node: 'a' },
  ]);
});
