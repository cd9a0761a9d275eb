import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WatchState } from './state.ts';
import { nextStep, type SweepEnd, type WatchEffects, watch } from './watch.ts';

const start: WatchState = {
  seen: 'commit-0',
  scheduledUpTo: '2026-01-14T00:00:00.000Z',
  publishDue: false,
};
const nightly = (after: Date) => new Date(after.getTime() + 24 * 3_600_000);

class Crash extends Error {}

/**
 * A world whose ref moves once, whose clock stands still, and whose effect number `crashAt` crashes half way.
 */
function world(crashAt: number) {
  let saved = start;
  let effect = 0;
  const measured: string[] = [];
  const published: number[] = [];
  const step = <T>(work: () => T): T => {
    effect += 1;
    if (effect === crashAt) throw new Crash();
    return work();
  };
  const effects: WatchEffects = {
    head: async () => 'commit-1',
    nextDue: nightly,
    sweep: async (sweepId): Promise<SweepEnd> => {
      // The disk survives a crash: as in a real run directory, two sweeps with one id are the same sweep.
      if (!measured.includes(sweepId)) measured.push(sweepId);
      return step(() => ({ state: 'measured', failed: 0 }));
    },
    publish: async () => {
      step(() => published.push(measured.length));
      return { state: 'published' };
    },
    save: async (state) => {
      step(() => {
        saved = state;
      });
    },
    now: () => new Date('2026-01-15T01:00:00Z'),
    wait: async () => {
      throw new Error('there was something to do');
    },
    tell: () => {},
  };
  return { effects, measured, published, saved: () => saved };
}

describe('a watch', () => {
  test('reaches the same end after a crash at any moment: each sweep ran once, and everything is published', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (crashAt) => {
        const { effects, measured, published, saved } = world(crashAt);
        const options = { pollMs: 1000, once: true };
        await watch(start, effects, options).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
        });
        const end = await watch(saved(), effects, options);
        expect(measured).toEqual(['watch-commit-1', 'watch-20260115T000000']);
        expect(published.at(-1)).toBe(2);
        expect(end).toEqual({
          seen: 'commit-1',
          scheduledUpTo: '2026-01-15T01:00:00.000Z',
          publishDue: false,
        });
      }),
    );
  });

  test('finishes the sweep it started, then publishes, then looks for changes', () => {
    const now = new Date('2026-01-16T00:00:00Z');
    const seen = { head: 'commit-1', due: nightly(new Date(start.scheduledUpTo)) };
    const occasion = { kind: 'change', base: 'commit-0', head: 'commit-1' } as const;
    const begun = { sweepId: 'watch-commit-1', occasion };
    expect(nextStep({ ...start, publishDue: true, current: begun }, seen, now).kind).toBe('sweep');
    expect(nextStep({ ...start, publishDue: true }, seen, now).kind).toBe('publish');
    expect(nextStep(start, seen, now)).toEqual({ kind: 'begin', ...begun });
    expect(nextStep({ ...start, seen: 'commit-1' }, seen, now)).toMatchObject({
      kind: 'begin',
      occasion: { kind: 'schedule' },
    });
    expect(nextStep({ ...start, seen: 'commit-1' }, { ...seen, due: undefined }, now).kind).toBe('wait');
  });

  test('reports a sweep that cannot run, does not retry it, and publishes nothing', async () => {
    const { effects, published } = world(0);
    const told: string[] = [];
    const end = await watch(
      start,
      {
        ...effects,
        nextDue: () => undefined,
        sweep: async () => ({ state: 'impossible', reason: 'an entry was deleted' }),
        tell: (event) => told.push(event.type),
      },
      { pollMs: 1000, once: true },
    );
    expect(end.seen).toBe('commit-1');
    expect(published).toEqual([]);
    expect(told).toEqual(['sweep-begins', 'sweep-ended']);
  });

  test.each([
    [true, 1],
    [false, 3],
  ])('retries a postponed sweep (once: %s)', async (once, tries) => {
    const { effects, measured, published, saved } = world(0);
    const told: string[] = [];
    const waits: number[] = [];
    let tried = 0;
    class Interrupted extends Error {}
    const watching = watch(
      start,
      {
        ...effects,
        nextDue: () => undefined,
        sweep: async (...asked) => {
          tried += 1;
          return tried < 3 ? { state: 'postponed', reason: 'no room' } : await effects.sweep(...asked);
        },
        wait: async (ms) => {
          waits.push(ms);
          if (tried === 3) throw new Interrupted();
        },
        tell: (event) => told.push(event.type),
      },
      { pollMs: 1000, once },
    );
    if (once) expect((await watching).seen).toBe('commit-0');
    else await expect(watching).rejects.toThrow(Interrupted);
    expect(tried).toBe(tries);
    if (!once) expect({ measured, published }).toEqual({ measured: ['watch-commit-1'], published: [1] });
    expect(saved()).toMatchObject(
      once
        ? { seen: 'commit-0', current: { sweepId: 'watch-commit-1' } }
        : { seen: 'commit-1', publishDue: false },
    );
    expect(told).toEqual([
      'sweep-begins',
      ...Array.from({ length: tries }, () => 'sweep-ended'),
      ...(once ? [] : ['published', 'waiting']),
    ]);
    expect(waits).toHaveLength(once ? 0 : 3);
  });

  test('retries a failed publication', async () => {
    const { effects, saved } = world(0);
    const answers: ReturnType<WatchEffects['publish']>[] = [];
    const publish: WatchEffects['publish'] = async () =>
      answers.push(Promise.resolve({ state: 'published' })) === 1
        ? { state: 'postponed', reason: 'the store is away' }
        : { state: 'published' };
    const options = { pollMs: 1000, once: true };
    await watch(start, { ...effects, nextDue: () => undefined, publish }, options);
    expect(saved()).toMatchObject({ seen: 'commit-1', publishDue: true });
    await watch(saved(), { ...effects, nextDue: () => undefined, publish }, options);
    expect(saved()).toMatchObject({ seen: 'commit-1', publishDue: false });
  });

  test('reports a remote that does not answer, and asks again', async () => {
    const { effects } = world(0);
    let asked = 0;
    const told: string[] = [];
    class Interrupted extends Error {}
    const watching = watch(
      start,
      {
        ...effects,
        nextDue: () => undefined,
        head: async () => {
          asked += 1;
          throw new Error('could not resolve host');
        },
        wait: async (ms) => {
          expect(ms).toBe(1000);
          if (asked === 2) throw new Interrupted();
        },
        tell: (event) => told.push(event.type),
      },
      { pollMs: 1000, once: false },
    );
    await expect(watching).rejects.toThrow(Interrupted);
    expect(told).toEqual(['trouble', 'waiting', 'trouble', 'waiting']);
  });
});
