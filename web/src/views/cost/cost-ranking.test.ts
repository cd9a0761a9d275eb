import { describe, expect, test } from 'vitest';
import { testPoints } from '../../testing/points.ts';
import { costRanking } from './cost-ranking.ts';

const question = {
  tokens: 'total',
  statistic: 'median',
  target: 50,
  priceOf: (hw: string) => (hw === 'unknown' ? null : { usdPerGpuHour: hw === 'b200' ? 3.6 : 1.8 }),
} as const;
const at = (hw: string, medianInteractivity: number, totalTputPerGpu: number, more = {}) => ({
  hw,
  metrics: { medianInteractivity, totalTputPerGpu },
  ...more,
});

describe('costRanking', () => {
  test('a measured point at the target costs the price over its tokens, without a range', () => {
    const { answers } = costRanking(testPoints([at('h200', 50, 1000)]), new Map(), question);
    expect(answers).toMatchObject([{ hw: 'h200', usd: 0.5, range: null, tputPerGpu: 1000 }]);
  });

  test('between two points: on the straight line of throughput, and the range is what both cost', () => {
    const points = testPoints([at('h200', 40, 2000), at('h200', 60, 1000)]);
    const { answers } = costRanking(points, new Map(), question);
    expect(answers[0]?.tputPerGpu).toBe(1500);
    expect(answers[0]?.usd).toBeCloseTo(1.8 / 5.4, 12);
    expect(answers[0]?.range).toEqual([0.25, 0.5]);
    expect(answers[0]?.points.map(({ id }) => id)).toEqual(['point-0', 'point-1']);
  });

  test('the intervals of the throughputs widen the range', () => {
    const intervals = { totalTputPerGpu: [800, 1250] };
    const { answers } = costRanking(testPoints([at('h200', 50, 1000, { intervals })]), new Map(), question);
    expect(answers[0]?.range).toEqual([0.4, 0.625]);
  });

  test('the cheapest comes first, and what cannot be answered is named instead of guessed', () => {
    const points = testPoints([
      at('h200', 50, 1000),
      at('b200', 70, 4000),
      at('h100', 30, 9000),
      at('unknown', 90, 9000),
    ]);
    const { answers, outOfReach, withoutPrice } = costRanking(points, new Map(), question);
    expect(answers.map(({ hw, usd }) => [hw, usd])).toEqual([
      ['b200', 0.25],
      ['h200', 0.5],
    ]);
    expect([outOfReach, withoutPrice]).toEqual([['h100'], ['unknown']]);
  });

  test('a point without the throughput or the speed is left out and counted', () => {
    const points = testPoints([
      at('h200', 50, 1000),
      { hw: 'h200', metrics: { medianInteractivity: 60 } },
      { hw: 'b200', metrics: { totalTputPerGpu: 9000 } },
    ]);
    const { answers, outOfReach, withoutFigures } = costRanking(points, new Map(), question);
    expect(answers.map(({ hw, usd }) => [hw, usd])).toEqual([['h200', 0.5]]);
    expect([outOfReach, withoutFigures]).toEqual([[], 2]);
  });

  test('output tokens of a disaggregated point pay for the prefill GPUs too', () => {
    const points = testPoints([
      { gpus: [12, 8, 4], metrics: { medianInteractivity: 50, outputTputPerGpu: 3000 } },
    ]);
    const { answers } = costRanking(points, new Map(), { ...question, tokens: 'output' });
    expect(answers[0]?.tputPerGpu).toBe(1000);
    expect(answers[0]?.usd).toBeCloseTo(0.5, 12);
  });

  test('a price in $ per kWh is added by the power that it buys', () => {
    const priceOf = () => ({ usdPerGpuHour: 1.8, power: { usdPerKwh: 0.1, allInPowerKw: 2 } });
    const { answers } = costRanking(testPoints([at('h200', 50, 1000)]), new Map(), { ...question, priceOf });
    expect(answers[0]?.usd).toBeCloseTo(2 / 3.6, 12);
  });
});
