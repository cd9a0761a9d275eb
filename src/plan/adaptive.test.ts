import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AdaptiveOptions,
  type Candidate,
  type CandidateCurve,
  type Measurement,
  nextPoints,
} from './adaptive.ts';
import { frontier, hypervolume } from './pareto.ts';

/** An engine that serves at most `limit` tok/s per GPU, and a single user at `alone` tok/s. */
interface Truth {
  readonly gpus: number;
  readonly alone: number;
  readonly limit: number;
}

function measure({ gpus, alone, limit }: Truth, { id, conc }: Candidate): Measurement {
  const interactivity = 1 / (1 / alone + conc / (limit * gpus));
  return { id, interactivity, tputPerGpu: (conc * interactivity) / gpus, e2elS: 1024 / interactivity };
}

function curveOf(ladders: readonly (readonly number[])[]): CandidateCurve {
  const candidates = ladders.flatMap((concs, index) =>
    concs.map((conc) => ({ id: `${index}/${conc}`, ladder: String(index), conc })),
  );
  return { key: 'curve', candidates };
}

/**
 * Measures what `nextPoints` asks for, one point at a time, until nothing is left; `hasty` gives up every
 * skipped point.
 */
function explore(
  curve: CandidateCurve,
  truths: readonly Truth[],
  { hasty = false, ...options }: AdaptiveOptions & { readonly hasty?: boolean } = {},
) {
  const measured: Measurement[] = [];
  const givenUp = new Set<string>();
  for (;;) {
    const { measure: wanted, skipped } = nextPoints(curve, measured, { ...options, givenUp });
    if (hasty) for (const { candidate } of skipped) givenUp.add(candidate.id);
    const [next] = wanted;
    if (next === undefined) return { measured, skipped, givenUp };
    measured.push(truthOf(next, truths));
  }
}

function truthOf(candidate: Candidate, truths: readonly Truth[]): Measurement {
  const truth = truths[Number(candidate.ladder)];
  if (truth === undefined) throw new Error(`no truth for ladder ${candidate.ladder}`);
  return measure(truth, candidate);
}

const areaOf = (measurements: readonly Measurement[]) =>
  hypervolume(measurements.map(({ interactivity, tputPerGpu }) => ({ x: interactivity, y: tputPerGpu })));

describe('nextPoints', () => {
  const doubling = [4, 8, 16, 32, 64, 128];

  test('measures the ends of every ladder first', () => {
    const curve = curveOf([
      [4, 8, 16],
      [2, 4],
    ]);
    const { measure: wanted, skipped } = nextPoints(curve, []);
    expect(wanted.map(({ id }) => id)).toEqual(['0/16', '0/4', '1/4', '1/2', '0/8']);
    expect(skipped).toEqual([]);
  });

  test('measures only the ends of a ladder that another one dominates', () => {
    const curve = curveOf([doubling, doubling]);
    const { measured, skipped } = explore(curve, [
      { gpus: 4, alone: 200, limit: 4000 },
      { gpus: 4, alone: 100, limit: 500 },
    ]);
    expect(measured.map(({ id }) => id).filter((id) => id.startsWith('1/'))).toEqual(['1/128', '1/4']);
    expect(skipped.map(({ candidate }) => candidate.id).toSorted()).toEqual(['1/16', '1/32', '1/64', '1/8']);
    expect(skipped.every(({ bound, reason }) => bound === 0 && reason.includes('better'))).toBe(true);
  });

  test('skips concurrencies that only add queueing on a saturated engine, and states their bound', () => {
    const curve = curveOf([[4, 64, 256, 1024, 2048]]);
    const { measured, skipped } = explore(curve, [{ gpus: 1, alone: 100, limit: 1000 }]);
    expect(measured.map(({ id }) => id)).not.toContain('0/1024');
    expect(skipped.find(({ candidate }) => candidate.conc === 1024)?.reason).toMatch(/at most 0\.\d+ %/);
  });

  test('measures all points of the frontier if no loss is allowed', () => {
    const curve = curveOf([doubling]);
    expect(explore(curve, [{ gpus: 8, alone: 150, limit: 3000 }], { maxLoss: 0 }).measured).toHaveLength(
      doubling.length,
    );
  });

  const truth = fc.record({
    gpus: fc.constantFrom(1, 2, 4, 8),
    alone: fc.integer({ min: 20, max: 400 }),
    limit: fc.integer({ min: 100, max: 20_000 }),
  });
  const ladder = fc.uniqueArray(fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 128, 256, 512), { minLength: 1 });
  const worlds = fc.array(fc.tuple(truth, ladder), { minLength: 1, maxLength: 5 });

  test('skipped points never reduce the hypervolume of the frontier by more than the allowed loss', () => {
    fc.assert(
      fc.property(worlds, fc.constantFrom(0, 0.005, 0.02), fc.boolean(), (world, maxLoss, hasty) => {
        const curve = curveOf(world.map(([, concs]) => concs));
        const truths = world.map(([engine]) => engine);
        const { measured } = explore(curve, truths, { maxLoss, hasty });
        const whole = areaOf(curve.candidates.map((candidate) => truthOf(candidate, truths)));
        expect(areaOf(measured)).toBeGreaterThanOrEqual(whole * (1 - maxLoss) - 1e-9 * whole);
      }),
    );
  });

  test('never asks for points that were given up, and measures nothing twice', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const curve = curveOf(world.map(([, concs]) => concs));
        const truths = world.map(([engine]) => engine);
        const { measured, givenUp } = explore(curve, truths, { hasty: true });
        const ids = measured.map(({ id }) => id);
        expect(new Set([...ids, ...givenUp]).size).toBe(ids.length + givenUp.size);
        expect(ids.length + givenUp.size).toBe(curve.candidates.length);
      }),
    );
  });
});

describe('hypervolume', () => {
  test('is the area below the steps of the frontier', () => {
    const points = [
      { x: 1, y: 3 },
      { x: 2, y: 2 },
      { x: 1, y: 1 },
      { x: 3, y: 1 },
    ];
    expect(frontier(points)).toEqual([
      { x: 3, y: 1 },
      { x: 2, y: 2 },
      { x: 1, y: 3 },
    ]);
    expect(hypervolume(points)).toBe(6);
    expect(hypervolume([])).toBe(0);
  });
});
