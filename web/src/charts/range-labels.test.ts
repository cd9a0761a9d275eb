import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { labelWidth } from './boxes.ts';
import { rangeLabels } from './range-labels.ts';

const bounds = [100, 600] as const;
const text = '≈ $0.196';
const width = labelWidth(text);
const row = fc.record({
  at: fc.integer({ min: 100, max: 560 }),
  reach: fc.option(fc.integer({ min: 0, max: 200 })),
});

test('a value stands at its mark, above its row, however far the whisker reaches', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
      const places = rows.map(({ at, reach }) => ({
        at,
        rangeEnd: reach === null ? null : at + reach,
      }));
      const hasWhiskers = places.some(({ rangeEnd }) => rangeEnd !== null);
      for (const [index, { left, isAbove }] of rangeLabels(
        places,
        rows.map(() => text),
        { bounds, isStacked: false },
      ).entries()) {
        const at = rows[index]?.at ?? 0;
        expect(isAbove).toBe(hasWhiskers);
        if (!isAbove) expect(left - at).toBe(8);
        else {
          expect(left).toBeGreaterThanOrEqual(bounds[0]);
          expect(left + width).toBeLessThanOrEqual(bounds[1]);
          expect(left).toBeLessThanOrEqual(at);
          expect(left + width).toBeGreaterThanOrEqual(at);
        }
      }
    }),
    { numRuns: runs(50) },
  );
});

test('below names above their rows, values form a column at the right', () => {
  const places = [110, 300].map((at) => ({ at, rangeEnd: at + 50 }));
  const labels = rangeLabels(places, [text, text], { bounds, isStacked: true });
  expect(labels).toEqual([0, 1].map(() => ({ left: bounds[1] - labelWidth(text), isAbove: false })));
});
