import { expect, test } from 'vitest';
import { answersTo } from './answer.ts';
import type { AnswerCandidate } from './candidate.ts';
import { envelopesOf } from './envelope.ts';
import { readingsOf } from './readings.ts';

const need = {
  speedStatistic: 'median',
  ttftMs: 5000,
  ttftStatistic: 'median',
  tokens: 'total',
  arrival: 'any',
} as const;

function at(server: string, conc: number, speed: number, tput: number, ttftMs = 100): AnswerCandidate {
  const figures: Readonly<Record<string, number>> = {
    medianInteractivity: speed,
    totalTputPerGpu: tput,
    medianTtftMs: ttftMs,
  };
  return {
    id: `${server} ${conc}`,
    hw: 'h200',
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

test('an envelope is the answer at each of its speeds, and stops where a limit is exceeded', () => {
  const points = [
    at('a', 1, 90, 300),
    at('a', 8, 60, 1000),
    at('b', 64, 30, 2500),
    at('b', 512, 10, 9000, 60_000),
  ];
  const [envelope] = envelopesOf(readingsOf(points, need), need);
  const places = envelope?.places ?? [];
  expect(places.length).toBeGreaterThan(5);
  for (const { speed, answer } of places)
    expect(answersTo(readingsOf(points, need), { ...need, speed }).best[0]?.tputPerGpu).toBe(
      answer.tputPerGpu,
    );
  // Throughput never rises with speed, and the point with a TTFT of one minute is not in the envelope.
  const tputs = places.map(({ answer }) => answer.tputPerGpu);
  expect(tputs).toEqual(tputs.toSorted((a, b) => b - a));
  expect(Math.max(...tputs)).toBeLessThan(9000);
});
