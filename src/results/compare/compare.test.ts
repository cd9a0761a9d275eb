import { describe, expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { randomNumbers, somePoint, syntheticRow } from '../../../test/support/synthetic-results.ts';
import { type CompareOptions, compare } from './compare.ts';
import type { ComparedMeasurement } from './compared-measurement.ts';
import { comparisonMarkdown } from './markdown.ts';

const options: CompareOptions = { a: 'before', b: 'after' };
const figures = ['tput_per_gpu', 'median_ttft', 'median_tpot', 'median_e2el'];
const concurrencies = [1, 4, 16, 64];
let measurements = 0;

/** Measurements of a curve, each figure times its own log-normal noise. */
function curve(
  random: () => number,
  noise: number,
  changes: Readonly<Record<string, number>> = {},
  more: Partial<ComparedMeasurement> = {},
): ComparedMeasurement[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return concurrencies.map((conc) => {
    const row = syntheticRow({ ...somePoint, conc }, () => 0.5);
    const noisy = figures.map((field) => [
      field,
      Number(row[field]) * (changes[field] ?? 1) * Math.exp(noise * normal()),
    ]);
    return {
      id: String(++measurements),
      row: { ...row, ...Object.fromEntries(noisy) },
      client: 'inferencemax',
      productVersion: '0.2.0',
      verdict: 'checked',
      reasons: [],
      confidence95: {},
      ...more,
    };
  });
}

/** Several measurements of the same curve as repeats of each of its points. */
const repeatsOf = (curves: readonly (readonly ComparedMeasurement[])[]) =>
  concurrencies.map((_, index) => ({
    points: curves.flatMap((points) => points[index] ?? []),
  }));

const repeated = (random: () => number, noise: number, times: number) =>
  repeatsOf(Array.from({ length: times }, () => curve(random, noise)));

const judgements = (comparison: ReturnType<typeof compare>) => [
  ...comparison.curves.flatMap(({ points }) =>
    points.flatMap(({ metrics }) => metrics.map(({ judgement }) => judgement)),
  ),
];

describe('when nothing changed', () => {
  // 4 points × 4 figures; the chance of any report must be at most 5 %, of any of the curve's at most 5 %.
  test.each([
    { times: 2, noise: 0.02 },
    { times: 4, noise: 0.1 },
  ])('a report is as rare as stated: $times repeats, $noise noise', ({ times, noise }) => {
    const rounds = runs(60);
    const random = randomNumbers(times);
    let reports = 0;
    let frontierReports = 0;
    for (let round = 0; round < rounds; round++) {
      const comparison = compare(curve(random, noise), curve(random, noise), repeated(random, noise, times), {
        ...options,
        leastChange: 0,
      });
      if (judgements(comparison).some((one) => one !== 'same')) reports += 1;
      if (comparison.curves.some(({ frontier }) => frontier.judgement !== 'same')) frontierReports += 1;
    }
    // Three standard deviations of a share of 5 % in this number of rounds.
    const most = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / rounds);
    expect(reports / rounds).toBeLessThan(most);
    expect(frontierReports / rounds).toBeLessThan(most);
    expect(reports).toBeGreaterThan(0);
  });

  test('the stated interval has the true change in it 95 times of 100', () => {
    const random = randomNumbers(7);
    let inside = 0;
    let all = 0;
    for (let round = 0; round < runs(40); round++) {
      const after = curve(random, 0.03, { median_ttft: 1.1 });
      const comparison = compare(curve(random, 0.03), after, repeated(random, 0.03, 4), options);
      for (const { metrics } of comparison.curves[0]?.points ?? []) {
        for (const { metric, interval = [0, 0] } of metrics) {
          const truth = metric === 'TTFT' ? 0.1 : 0;
          all += 1;
          if (interval[0] <= truth && truth <= interval[1]) inside += 1;
        }
      }
    }
    expect(inside / all).toBeGreaterThan(0.92);
    expect(inside / all).toBeLessThan(0.98);
  });
});

describe('when something changed', () => {
  test('a change well above the noise is found, in its direction', () => {
    const random = randomNumbers(3);
    const changes = { median_ttft: 1.2, tput_per_gpu: 1.15 };
    const comparison = compare(
      curve(random, 0.01),
      curve(random, 0.01, changes),
      repeated(random, 0.01, 4),
      options,
    );
    expect(comparison.points).toEqual({ better: 0, worse: 4, same: 0, 'not comparable': 0 });
    for (const { metrics } of comparison.curves[0]?.points ?? []) {
      const found = Object.fromEntries(metrics.map(({ metric, judgement }) => [metric, judgement]));
      expect(found).toMatchObject({ 'throughput per GPU': 'better', TTFT: 'worse' });
      expect(metrics[1]?.change).toBeCloseTo(0.2, 1);
      expect(metrics[1]?.noise).toBe('repeats of its curve');
    }
    const [{ frontier } = { frontier: undefined }] = comparison.curves;
    expect(frontier).toMatchObject({ judgement: 'better' });
    expect(frontier?.change).toBeCloseTo(0.15, 1);
    expect(comparison.warnings).toEqual([]);
  });

  test('a change below the least that matters is the same, however sure', () => {
    const random = randomNumbers(4);
    const changed = curve(random, 0.0001, { median_ttft: 1.005 });
    const comparison = compare(curve(random, 0.0001), changed, repeated(random, 0.0001, 4), options);
    expect(new Set(judgements(comparison))).toEqual(new Set(['same']));
    const strict = compare(curve(random, 0.0001), changed, repeated(random, 0.0001, 4), {
      ...options,
      leastChange: 0.001,
    });
    expect(strict.points.worse).toBe(4);
  });

  test('more measurements on either side make the interval narrower', () => {
    const random = randomNumbers(5);
    const many = () => [curve(random, 0.05), curve(random, 0.05), curve(random, 0.05)].flat();
    const repeats = repeated(random, 0.05, 5);
    const width = (comparison: ReturnType<typeof compare>): number => {
      const [low = 0, high = 0] = comparison.curves[0]?.points[0]?.metrics[0]?.interval ?? [];
      return high - low;
    };
    const one = width(compare(curve(random, 0.05), curve(random, 0.05), repeats, options));
    const three = width(compare(many(), many(), repeats, options));
    expect(three / one).toBeGreaterThan(0.4);
    expect(three / one).toBeLessThan(0.75);
  });
});

describe('without repeats', () => {
  const random = randomNumbers(6);

  test('the intervals of the runs themselves are used, and that is said', () => {
    const confidence95 = { median_ttft_ms: [100, 104] as const };
    const before = curve(random, 0, {}, { confidence95 });
    const after = curve(random, 0, { median_ttft: 1.5 }, { confidence95 });
    const comparison = compare(before, after, [], options);
    const [point] = comparison.curves[0]?.points ?? [];
    expect(point?.metrics.map(({ judgement }) => judgement)).toEqual([
      'not comparable',
      'worse',
      'not comparable',
      'not comparable',
    ]);
    expect(point?.metrics[1]?.noise).toBe('its own 95 % interval, within one run');
    expect(comparison.warnings[0]).toContain('the noise from run to run is not known');
  });

  test('and no intervals either, figures are shown and not judged', () => {
    const comparison = compare(curve(random, 0), curve(random, 0, { median_ttft: 2 }), [], options);
    expect(comparison.points).toEqual({ better: 0, worse: 0, same: 0, 'not comparable': 4 });
    const [point] = comparison.curves[0]?.points ?? [];
    expect(point).toMatchObject({ why: 'its noise is unknown' });
    expect(point?.metrics[1]?.change).toBeCloseTo(1);
    expect(comparison.curves[0]?.frontier).toMatchObject({ judgement: 'not comparable' });
  });
});

describe('what is not comparable says why', () => {
  const random = randomNumbers(8);
  const repeats = repeated(random, 0.01, 4);

  test('a point of one side, other models, other tools', () => {
    const [first, second, third, fourth] = curve(random, 0.01);
    if (first === undefined || second === undefined || third === undefined || fourth === undefined)
      throw new Error('no curve');
    const a = [first, second, third];
    const b = [
      { ...second, row: { ...second.row, model: 'org/other' } },
      { ...third, client: 'vllm' },
      fourth,
    ];
    const comparison = compare(a, b, repeats, options);
    expect(comparison.curves[0]?.points.map(({ point, why }) => [point, why])).toEqual([
      ['TP8 EP1 conc 1', 'measured in A only'],
      ['TP8 EP1 conc 4', 'other models were served: deepseek-ai/DeepSeek-R1-0528 in A, org/other in B'],
      ['TP8 EP1 conc 16', 'measured by other tools: inferencemax in A, vllm in B'],
      ['TP8 EP1 conc 64', 'measured in B only'],
    ]);
    expect(comparison.curves[0]?.frontier).toMatchObject({
      judgement: 'not comparable',
      why: 'no point is measured on both sides',
    });
    expect(comparison.warnings).toContain('2 of 4 points are measured on one side only.');
  });

  test('a figure that one side does not know, and the frontier without its point', () => {
    const [first, ...rest] = curve(random, 0.01);
    if (first === undefined) throw new Error('no curve');
    const unknown = { ...first, row: { ...first.row, tput_per_gpu: null, median_tpot: null } };
    const comparison = compare(curve(random, 0.01), [unknown, ...rest], repeats, options);
    const [changes] = comparison.curves;
    expect(changes?.points[0]?.metrics).toMatchObject([
      { metric: 'throughput per GPU', judgement: 'not comparable', why: 'unknown in B' },
      { metric: 'TTFT', judgement: 'same' },
      { metric: 'TPOT', judgement: 'not comparable', why: 'unknown in B' },
      { metric: 'E2EL', judgement: 'same' },
    ]);
    expect(changes?.frontier.why).toBe('without 1 of 4 points, which lack a figure on one side');
    expect(comparison.warnings.join()).not.toContain('neither repeats');
    expect(comparisonMarkdown(comparison)).toMatch(/\| TP8 EP1 conc 1 \| same \| unknown in B \|/);
    const none = curve(random, 0.01).map((one) => ({ ...one, row: { ...one.row, median_tpot: null } }));
    expect(compare(none, curve(random, 0.01), repeats, options).curves[0]?.frontier).toMatchObject({
      judgement: 'not comparable',
      why: 'no point has its throughput and its interactivity on both sides',
    });
  });

  test('engines are compared where that is asked for', () => {
    const other = curve(random, 0.01).map((point) => ({
      ...point,
      row: { ...point.row, framework: 'vllm' },
    }));
    expect(compare(curve(random, 0.01), other, repeats, options).points['not comparable']).toBe(8);
    const across = compare(curve(random, 0.01), other, repeats, { ...options, across: ['framework'] });
    expect(across.points['not comparable']).toBe(0);
    expect(across.curves.map(({ curve: name }) => name)).toEqual(['dsr1 1024/1024 synthetic-h200 fp8']);
  });

  test('curves have titles for people and keep their keys for programs', () => {
    const titles = { model: () => 'DeepSeek R1 0528', engine: () => 'SGLang', hardware: () => 'GB300 NVL72' };
    const comparison = compare(curve(random, 0.01), curve(random, 0.01), repeats, { ...options, titles });
    expect(comparison.curves[0]?.curve).toBe('dsr1 1024/1024 synthetic-h200 sglang fp8');
    expect(comparisonMarkdown(comparison)).toContain('| DeepSeek R1 0528 1024/1024 GB300 NVL72 SGLang fp8 |');
  });

  test.each([
    [1, '1 point'],
    [2, '2 points'],
  ])('a curve of %i is headed by its number of points', (count, words) => {
    const points = curve(random, 0.01).slice(0, count);
    expect(comparisonMarkdown(compare(points, points, repeats, options))).toContain(`: ${words}</summary>`);
  });

  test('points on different sides of a change of meaning say that there is one, and which', () => {
    const draw = randomNumbers(5);
    const before = curve(draw, 0.01, {}, { productVersion: '0.1.0' });
    const after = curve(draw, 0.01, {}, { productVersion: '0.2.0' });
    const { curves, warnings } = compare(before, after, [], { a: 'A', b: 'B' });
    expect(warnings).toContainEqual(expect.stringMatching(/by version 0\.1\.0, some by 0\.2\.0.*TTFT, ITL/));
    const points = curves.flatMap((one) => one.points);
    expect(points).toHaveLength(concurrencies.length);
    for (const { why } of points) expect(why).toMatch(/a change of meaning lies between/);
    const same = compare(after, curve(draw, 0.01), [], { a: 'A', b: 'B' });
    expect(JSON.stringify(same)).not.toMatch(/meaning/);
  });
});
