import { expect, test } from 'vitest';
import { answersTo } from './answer.ts';
import type { AnswerCandidate } from './candidate.ts';
import { envelopesOf } from './envelope.ts';
import { readingsOf } from './readings.ts';

const need = { speedStatistic: 'median', ttftMs: 5000, ttftStatistic: 'median', tokens: 'total' } as const;

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
    gpus: { total: 8, input: 8, output: 8 },
    metric: (name) => figures[name] ?? null,
    interval: () => null,
  };
}

test('the line of a hardware is the answer at every speed on it, and stops where a limit is broken', () => {
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
  // Throughputs never rise with the speed; the point that takes a minute to the first token is not on it.
  const tputs = places.map(({ answer }) => answer.tputPerGpu);
  expect(tputs).toEqual(tputs.toSorted((a, b) => b - a));
  expect(Math.max(...tputs)).toBeLessThan(9000);
});
