import { expect, test } from 'vitest';
import { failureTable } from '../failures/index.ts';
import type { MatrixEntry } from '../matrix/index.ts';
import { type Plan, planSessions } from '../plan/index.ts';
import { adaptiveChooser } from './adaptive.ts';
import { itemsOf, SessionWork } from './session-work.ts';

const concurrencies = [1, 2, 4, 8, 16, 32];

/** A plan of one curve, with `perSession` concurrencies per session. */
function planWith(perSession: number): Plan {
  const entries = concurrencies.map(
    (conc): MatrixEntry => ({
      image: 'i',
      model: 'm',
      'model-prefix': 'm',
      precision: 'fp8',
      framework: 'vllm',
      runner: 'h200',
      isl: 1024,
      osl: 1024,
      tp: 1,
      ep: 1,
      'dp-attn': false,
      conc,
      'spec-decoding': 'none',
      'max-model-len': 2248,
      'exp-name': 'm_1k1k',
      disagg: false,
    }),
  );
  const server = (conc: number) => ({
    args: [String(Math.floor(concurrencies.indexOf(conc) / perSession))],
    env: {},
    files: [],
    acceleratorCount: 1,
  });
  return planSessions(entries, {
    hardwareOf: () => 'h200',
    recipes: () => ({ server: ({ conc }) => server(conc) }),
  });
}

/** An engine that saturates at a concurrency of 8: above it, only latency grows. */
const truth = (conc: number) => ({
  tputPerGpu: 100 * Math.min(conc, 8),
  interactivity: 100 / Math.max(1, conc / 8),
  e2elS: 10 * Math.max(1, conc / 8),
});

function runAll(plan: Plan) {
  const works = plan.sessions.map((session) => new SessionWork(session, itemsOf(session, 1), failureTable));
  const chooser = adaptiveChooser(plan, []);
  const measured: number[] = [];
  const skipped: number[] = [];
  const started: string[] = [];
  for (let waiting = works; waiting.length > 0; waiting = waiting.filter((work) => work.left.length > 0)) {
    const [work] = waiting.toSorted((a, b) => chooser.rank(a) - chooser.rank(b));
    if (work === undefined) break;
    for (let begun = false; ; begun = true) {
      const { next, skips } = chooser.choose(work);
      for (const { item } of skips) {
        work.skip(item);
        skipped.push(item.point.conc);
      }
      if (next === undefined) break;
      if (!begun) started.push(work.session.id);
      measured.push(next.point.conc);
      work.finish(next);
      chooser.learn({ id: next.id, ...truth(next.point.conc) });
    }
  }
  return { measured, skipped: skipped.toSorted((a, b) => a - b), started };
}

test('every point is measured or skipped, and the points of the frontier are measured', () => {
  const { measured, skipped } = runAll(planWith(6));
  expect([...measured, ...skipped].toSorted((a, b) => a - b)).toEqual(concurrencies);
  expect(measured).toContain(8);
  expect(skipped.length).toBeGreaterThan(0);
  expect(skipped).not.toContain(8);
});

test('a session without useful points is skipped without an engine start', () => {
  const plan = planWith(1);
  const { measured, started } = runAll(plan);
  expect(measured).toContain(8);
  expect(started.length).toBeLessThan(plan.sessions.length);
});

test('a resumed sweep does not repeat measurements or skips of its journal', () => {
  const plan = planWith(6);
  const [session] = plan.sessions;
  if (session === undefined) throw new Error('no session');
  const items = itemsOf(session, 1);
  const byConc = (conc: number) => items.find(({ point }) => point.conc === conc);
  const at = '2026-01-14T10:15:00Z';
  const finished = (conc: number) => ({
    at,
    type: 'point-finished' as const,
    sessionId: session.id,
    pointId: byConc(conc)?.id ?? '',
    resultFilename: 'r',
    verdict: 'checked',
    outputThroughput: 1,
    medianTtftMs: 1,
    medianTpotMs: 1,
    ...truth(conc),
  });
  const fresh = adaptiveChooser(plan, []);
  const resumed = adaptiveChooser(plan, [finished(1), finished(32)]);
  fresh.learn({ id: byConc(1)?.id ?? '', ...truth(1) });
  fresh.learn({ id: byConc(32)?.id ?? '', ...truth(32) });
  const left = items.filter(({ point }) => point.conc !== 1 && point.conc !== 32);
  const choices = [fresh, resumed].map((chooser) =>
    chooser.choose(new SessionWork(session, left, failureTable)),
  );
  expect(choices[0]?.next?.id).toBe(choices[1]?.next?.id);
});
