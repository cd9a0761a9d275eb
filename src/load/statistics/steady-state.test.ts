import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { steadyWindow } from './steady-state.ts';

describe('steadyWindow', () => {
  const starts = Float64Array.from({ length: 400 }, (_, index) => 10 * index);
  const noise = (seed: number): Float64Array => {
    const random = new Random(seed);
    return Float64Array.from({ length: 400 }, () => 100 + random.normal());
  };

  it('removes a transient at the start, and little more', () => {
    const latencies = noise(1).map((value, index) => (index < 60 ? value + 50 : value));
    const window = steadyWindow(starts, latencies);
    expect(window?.fromMs).toBeGreaterThanOrEqual(600);
    expect(window?.fromMs).toBeLessThan(900);
    expect(window?.toMs).toBe(3990);
  });

  it('keeps most of a run without a transient', () => {
    expect(steadyWindow(starts, noise(2))?.fromMs).toBeLessThan(1500);
  });

  it('is undefined for too few requests, or if all start at once', () => {
    expect(steadyWindow(Float64Array.of(1, 2, 3), Float64Array.of(1, 1, 1))).toBeUndefined();
    expect(steadyWindow(new Float64Array(50), new Float64Array(50))).toBeUndefined();
  });
});
