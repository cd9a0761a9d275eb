import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answersTo as answersFrom, type BestAnswer, type Need, pointsOf } from './answer.ts';
import type { AnswerCandidate } from './candidate.ts';
import { serverKey, speedStatistics } from './candidate.ts';
import type { MetricName } from './metrics.ts';
import { readingsOf } from './readings.ts';

type Figures = Partial<Record<MetricName, number | undefined>>;

function candidate(server: string, conc: number, figures: Figures, hw = 'h200'): AnswerCandidate {
  return {
    id: `${server} ${conc}`,
    hw,
    server,
    precision: 'fp8',
    conc,
    verdict: 'checked',
    measuredAtS: 0,
    version: null,
    gpus: { total: 8, input: 8, output: 8 },
    metric: (name) => figures[name] ?? null,
    interval: () => null,
  };
}

const at = (server: string, conc: number, speed: number, tput: number, ttftMs = 100, hw = 'h200') =>
  candidate(server, conc, { medianInteractivity: speed, totalTputPerGpu: tput, medianTtftMs: ttftMs }, hw);

const need = (part: Partial<Need> = {}): Need => ({
  speed: 50,
  speedStatistic: 'median',
  ttftMs: 5000,
  ttftStatistic: 'median',
  tokens: 'total',
  arrival: 'any',
  ...part,
});

const only = (answers: readonly BestAnswer<AnswerCandidate>[]) => {
  expect(answers).toHaveLength(1);
  return answers[0];
};

const answersTo = (points: readonly AnswerCandidate[], asked: Need) =>
  answersFrom(readingsOf(points, asked), asked);

describe('answersTo', () => {
  test('answers at the requested speed, between two concurrencies of one server', () => {
    const points = [at('a', 8, 80, 1000), at('a', 32, 40, 2000)];
    const answer = only(answersTo(points, need()).best);
    expect(answer?.at).toMatchObject({ kind: 'between', share: 0.75 });
    expect(answer?.tputPerGpu).toBe(1750);
    expect(answer?.speed).toBe(50);
    expect(answer?.range).toEqual([1000, 2000]);
  });

  test('never interpolates between two servers', () => {
    const points = [at('a', 8, 80, 1000), at('b', 64, 40, 2000)];
    expect(only(answersTo(points, need()).best)?.at).toMatchObject({
      kind: 'measured',
      point: { server: 'a' },
    });
  });

  test('never interpolates across a measured concurrency', () => {
    const points = [at('a', 8, 80, 1000), at('a', 16, 45, 900), at('a', 32, 40, 5000)];
    expect(only(answersTo(points, need()).best)?.tputPerGpu).toBe(1000);
  });

  test('interpolates only over neighbours whose concurrencies are at most 4 times apart', () => {
    const far = [at('a', 8, 80, 1000), at('a', 33, 40, 2000)];
    expect(only(answersTo(far, need()).best)).toMatchObject({ tputPerGpu: 1000, at: { kind: 'measured' } });
    const near = [at('a', 8, 80, 1000), at('a', 32, 40, 2000)];
    expect(only(answersTo(near, need()).best)).toMatchObject({ tputPerGpu: 1750, at: { kind: 'between' } });
  });

  test('has the p99 TTFT beside the limited one, interpolated in the same way', () => {
    const with99 = (conc: number, speed: number, tput: number, p99TtftMs: number) =>
      candidate('a', conc, {
        medianInteractivity: speed,
        totalTputPerGpu: tput,
        medianTtftMs: 100,
        p99TtftMs,
      });
    const points = [with99(8, 80, 1000, 2000), with99(32, 40, 2000, 10_000)];
    expect(only(answersTo(points, need()).best)).toMatchObject({ ttftMs: 100, p99TtftMs: 8000 });
    expect(only(answersTo(points, need({ speed: 80 })).best)).toMatchObject({ p99TtftMs: 2000 });
  });

  test('with smooth arrival asked, uses only points that are known to be smooth, and no line past another', () => {
    const arriving = (conc: number, speed: number, tput: number, gapMs: number | undefined, hw?: string) =>
      candidate(
        'a',
        conc,
        {
          medianInteractivity: speed,
          totalTputPerGpu: tput,
          medianTtftMs: 100,
          medianTpotMs: 1000 / speed,
          p99ItlMs: gapMs,
        },
        hw,
      );
    const points = [
      arriving(4, 90, 500, 20),
      arriving(8, 80, 1000, 4000),
      arriving(16, 45, 5000, 20),
      arriving(4, 90, 500, 4000, 'bursty'),
      arriving(4, 90, 500, undefined, 'unknown'),
    ];
    expect(answersTo(points, need()).best.map(({ hw }) => hw)).toEqual(['h200', 'bursty', 'unknown']);
    const smooth = answersTo(points, need({ arrival: 'smooth' }));
    expect(only(smooth.best)).toMatchObject({ hw: 'h200', tputPerGpu: 500 });
    expect(smooth.absent).toEqual([
      { hw: 'bursty', reason: 'arrival', known: true },
      { hw: 'unknown', reason: 'arrival', known: false },
    ]);
    expect(smooth.withoutFigures).toBe(0);
  });

  test('respects the TTFT limit, and also reports the best answer without it', () => {
    const points = [at('a', 8, 80, 1000, 1000), at('a', 32, 60, 2000, 9000)];
    const { best, beyondTtft } = answersTo(points, need());
    expect(only(best)).toMatchObject({ tputPerGpu: 1500, ttftMs: 5000 });
    expect(beyondTtft.get('h200')).toMatchObject({ tputPerGpu: 2000, ttftMs: 9000 });
  });

  test('lists hardware without an answer, with the reason', () => {
    const { absent } = answersTo(
      [
        at('a', 1, 20, 1000, 100, 'slow'),
        at('b', 1, 80, 1000, 7000, 'late'),
        candidate('c', 1, { totalTputPerGpu: 10 }, 'no-speed'),
        candidate('d', 1, { medianInteractivity: 80 }, 'no-throughput'),
        candidate('e', 1, { medianInteractivity: 80, totalTputPerGpu: 1 }, 'no-ttft'),
      ],
      need(),
    );
    expect(absent).toEqual([
      { hw: 'slow', reason: 'too-slow', fastest: 20 },
      { hw: 'late', reason: 'late-first-token', soonestMs: 7000 },
      { hw: 'no-speed', reason: 'no-speed', statistic: 'median' },
      { hw: 'no-throughput', reason: 'no-throughput', tokens: 'total' },
      { hw: 'no-ttft', reason: 'no-first-token', statistic: 'median' },
    ]);
  });

  test('uses p99 if p90 is unknown, and says so', () => {
    const point = candidate('a', 1, { p99Interactivity: 60, totalTputPerGpu: 10, medianTtftMs: 1 });
    expect(only(answersTo([point], need({ speedStatistic: 'p90' })).best)).toMatchObject({
      speed: 60,
      speedStatistic: 'p99',
    });
  });

  test('divides the tokens of a disaggregated point by all of its GPUs', () => {
    const point: AnswerCandidate = {
      ...candidate('a', 1, { medianInteractivity: 60, outputTputPerGpu: 100, medianTtftMs: 1 }),
      gpus: { total: 12, input: 8, output: 4 },
    };
    expect(only(answersTo([point], need({ tokens: 'output' })).best)?.tputPerGpu).toBeCloseTo(100 / 3);
  });

  const figure = fc.option(fc.double({ min: 1, max: 200, noNaN: true }), { nil: undefined });
  const anyPoint = fc.record({
    server: fc.constantFrom('a', 'b', 'c'),
    conc: fc.constantFrom(1, 2, 4, 8, 16),
    median: figure,
    p90: figure,
    p99: figure,
    ttft: figure,
    ttft99: figure,
    tput: fc.double({ min: 1, max: 1e4, noNaN: true }),
  });
  const anyPoints = fc
    .uniqueArray(anyPoint, { maxLength: 12, selector: ({ server, conc }) => `${server} ${conc}` })
    .map((all) =>
      all.map(({ server, conc, median, p90, p99, ttft, ttft99, tput }) =>
        candidate(server, conc, {
          medianInteractivity: median,
          p90Interactivity: p90,
          p99Interactivity: p99,
          medianTtftMs: ttft,
          p99TtftMs: ttft99,
          totalTputPerGpu: tput,
        }),
      ),
    );
  const anyNeed = fc.record({
    speed: fc.double({ min: 1, max: 200, noNaN: true }),
    ttftMs: fc.double({ min: 1, max: 200, noNaN: true }),
    speedStatistic: fc.constantFrom(...speedStatistics),
    ttftStatistic: fc.constantFrom(...speedStatistics),
  });

  test('a stricter need never improves an answer, so it never makes it cheaper', () => {
    const rank = (statistic: Need['speedStatistic']) => speedStatistics.indexOf(statistic);
    const stricter = (a: Need['speedStatistic'], b: Need['speedStatistic']) => (rank(a) > rank(b) ? a : b);
    fc.assert(
      fc.property(anyPoints, anyNeed, anyNeed, (points, one, other) => {
        const more = {
          speed: Math.max(one.speed, other.speed),
          ttftMs: Math.min(one.ttftMs, other.ttftMs),
          speedStatistic: stricter(one.speedStatistic, other.speedStatistic),
          ttftStatistic: stricter(one.ttftStatistic, other.ttftStatistic),
        };
        const [less, strict] = [answersTo(points, need(one)).best[0], answersTo(points, need(more)).best[0]];
        if (strict === undefined) return;
        // Allow for rounding.
        expect(strict.tputPerGpu).toBeLessThanOrEqual((less?.tputPerGpu ?? 0) * (1 + 1e-9));
      }),
    );
  });

  test('an answer is a measured point, or lies between two neighbours of one server, and meets the need', () => {
    fc.assert(
      fc.property(anyPoints, anyNeed, (points, part) => {
        for (const answer of answersTo(points, need(part)).best) {
          const rests = pointsOf(answer);
          expect(new Set(rests.map(({ server }) => server)).size).toBe(1);
          expect(answer.speed).toBeGreaterThanOrEqual(part.speed * (1 - 1e-9));
          expect(answer.ttftMs ?? Number.NaN).toBeLessThanOrEqual(part.ttftMs * (1 + 1e-9));
        }
      }),
    );
  });
});

describe('serverKey', () => {
  test('distinguishes servers by image, and by run if the image is unknown', () => {
    const key = (image: string, run: string) => serverKey(['h200 sglang', 'TP8'], { image, run });
    expect(key('sglang:1', 'a')).toBe(key('sglang:1', 'b'));
    expect(key('sglang:1', 'a')).not.toBe(key('sglang:2', 'a'));
    expect(key('unknown', 'a')).not.toBe(key('unknown', 'b'));
    expect(key('unknown', 'a')).toBe(key('unknown', 'a'));
  });
});
