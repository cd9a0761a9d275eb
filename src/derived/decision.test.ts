import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Need } from './answer.ts';
import type { AnswerCandidate } from './candidate.ts';
import { decide } from './decision.ts';
import { envelopesOf } from './envelope.ts';
import type { MetricName } from './metrics.ts';
import { readingsOf, widestGap } from './readings.ts';

const hardware = ['h200', 'mi355x'] as const;

// Few distinct values, so that many points are equal in one figure or in all.
const some = (values: readonly number[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const anyPoint = fc.record({
  hw: fc.constantFrom(...hardware),
  server: fc.constantFrom('a', 'b', 'c'),
  conc: fc.integer({ min: 1, max: 12 }),
  speed: some([10, 20, 30, 40, 50, 60.5]),
  strictSpeed: some([5, 15, 25]),
  tput: some([0, 100, 200, 300, 400, 1000 / 3]),
  ttftMs: some([50, 500, 5000]),
  gapMs: some([20, 5000]),
});
const anyPoints = fc
  .uniqueArray(anyPoint, {
    maxLength: 40,
    selector: ({ hw, server, conc }) => `${hw} ${server} ${conc}`,
  })
  .map((all) => all.map(candidateOf));
const anyNeed = fc.record({
  speed: fc.constantFrom(5, 10, 17, 20, 33, 40, 55, 70),
  speedStatistic: fc.constantFrom('median', 'p99'),
  ttftMs: fc.constantFrom(null, 40, 50, 700, 5000),
  ttftStatistic: fc.constant('median'),
  tokens: fc.constant('total'),
  arrival: fc.constantFrom('any', 'smooth'),
});

type Candidate = AnswerCandidate & {
  readonly speed: number | undefined;
  readonly strictSpeed: number | undefined;
  readonly tput: number | undefined;
  readonly ttftMs: number | undefined;
  readonly gapMs: number | undefined;
};

function candidateOf(point: typeof anyPoint extends fc.Arbitrary<infer Point> ? Point : never): Candidate {
  const figures: Partial<Record<MetricName, number | undefined>> = {
    medianInteractivity: point.speed,
    p99Interactivity: point.strictSpeed,
    totalTputPerGpu: point.tput,
    medianTtftMs: point.ttftMs,
    medianTpotMs: 20,
    p99ItlMs: point.gapMs,
  };
  return {
    ...point,
    id: `${point.hw} ${point.server} ${point.conc}`,
    precision: point.server === 'a' ? 'fp4' : 'fp8',
    verdict: 'checked',
    measuredAtS: 0,
    version: null,
    gpus: { total: 8, input: 8, output: 8 },
    metric: (name) => figures[name] ?? null,
    interval: () => null,
  };
}

/** Brute force: the highest throughput over all points and all pairs of neighbours of a server. */
function mostOf(points: readonly Candidate[], hw: string, need: Need): number | undefined {
  const speed = (point: Candidate) => {
    const { speed: median, strictSpeed: p99 } = point;
    if (need.speedStatistic === 'median') return median ?? p99;
    return median === undefined || p99 === undefined ? p99 : Math.min(median, p99);
  };
  const figures = (point: Candidate) => {
    const [fast, tput] = [speed(point), point.tput];
    // The gaps above are either short or pauses.
    if (need.arrival === 'smooth' && point.gapMs !== 20) return undefined;
    return fast === undefined || tput === undefined ? undefined : { fast, tput, ttftMs: point.ttftMs };
  };
  type Figures = NonNullable<ReturnType<typeof figures>>;
  const isWithin = ({ fast, ttftMs }: Pick<Figures, 'fast' | 'ttftMs'>) =>
    fast >= need.speed && (need.ttftMs === null || (ttftMs !== undefined && ttftMs <= need.ttftMs));
  const onLine = (a: Figures, b: Figures): number[] => {
    // The throughput is highest at an end of the line or where the line reaches a limit.
    const meets = (from: number | undefined, to: number | undefined, limit: number | null) =>
      from === undefined || to === undefined || limit === null || from === to
        ? []
        : [(limit - from) / (to - from)];
    const shares = [...meets(a.fast, b.fast, need.speed), ...meets(a.ttftMs, b.ttftMs, need.ttftMs)];
    const at = (from: number, to: number, share: number) => from + share * (to - from);
    const slack = 1e-9;
    return shares
      .filter((share) => share > 0 && share < 1)
      .filter((share) =>
        isWithin({
          fast: at(a.fast, b.fast, share) * (1 + slack),
          ttftMs:
            a.ttftMs === undefined || b.ttftMs === undefined
              ? undefined
              : at(a.ttftMs, b.ttftMs, share) * (1 - slack),
        }),
      )
      .map((share) => at(a.tput, b.tput, share));
  };
  const found = points
    .filter((point) => point.hw === hw)
    .flatMap((point) => {
      const own = figures(point);
      if (own === undefined) return [];
      const above = points.filter(
        (other) => other.hw === hw && other.server === point.server && other.conc > point.conc,
      );
      const neighbour = above.toSorted((a, b) => a.conc - b.conc)[0];
      const isFar = neighbour !== undefined && neighbour.conc / point.conc > widestGap;
      const next = neighbour && !isFar ? figures(neighbour) : undefined;
      return [...(isWithin(own) ? [own.tput] : []), ...(next === undefined ? [] : onLine(own, next))];
    });
  return found.length === 0 ? undefined : Math.max(...found);
}

function expectSame(actual: number | undefined, expected: number | undefined): void {
  if (expected === undefined) expect(actual).toBeUndefined();
  else expect(actual).toBeCloseTo(expected, 6);
}

test('a decision gives each hardware type the same result as brute force over all points and lines', () => {
  fc.assert(
    fc.property(anyPoints, anyNeed, fc.constantFrom('any', 'fp8'), (points, need, precision) => {
      const { rows } = decide(points, {
        need,
        policy: precision === 'any' ? 'any' : { only: precision },
        accuracyOf: () => ({ state: 'unknown' }),
        priceOf: () => null,
        powerKwOf: () => null,
      });
      const allowed = points.filter((point) => precision === 'any' || point.precision === precision);
      for (const hw of hardware)
        expectSame(rows.find(({ answer }) => answer.hw === hw)?.answer.tputPerGpu, mostOf(allowed, hw, need));
    }),
  );
});

test('an envelope gives the brute-force result at each of its speeds', () => {
  fc.assert(
    fc.property(anyPoints, anyNeed, (points, need) => {
      for (const { hw, places } of envelopesOf(readingsOf(points, need), need))
        for (const { speed, answer } of places)
          expectSame(answer.tputPerGpu, mostOf(points, hw, { ...need, speed }));
    }),
  );
});

test('an envelope has the same answers as a decision at its speeds', () => {
  fc.assert(
    fc.property(anyPoints, anyNeed, (points, need) => {
      const readings = readingsOf(points, need);
      for (const { hw, places } of envelopesOf(readings, need))
        for (const { speed, answer } of places) {
          const question = {
            need: { ...need, speed },
            policy: 'any' as const,
            accuracyOf: () => ({ state: 'unknown' as const }),
            priceOf: () => null,
            powerKwOf: () => null,
          };
          const { rows } = decide(points, question, readings);
          expect(answer).toEqual(rows.find((row) => row.answer.hw === hw)?.answer);
        }
    }),
  );
});
