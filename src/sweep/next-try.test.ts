import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failureClasses, failureTable } from '../failures/index.ts';
import { mostFailures, nextTry } from './next-try.ts';

const classes = fc.constantFrom(...failureClasses);
const kinds = fc.constantFrom('start' as const, 'point' as const);

test('work that keeps failing is given up after a bounded number of tries over all nodes', () => {
  fc.assert(
    fc.property(classes, kinds, fc.integer({ min: 1, max: 10 }), (failureClass, what, nodeCount) => {
      let [node, here, all] = [1, 0, 0];
      for (;;) {
        [here, all] = [here + 1, all + 1];
        expect(all).toBeLessThanOrEqual(mostFailures);
        const next = nextTry(failureTable[failureClass], what, { here, nodes: node, all }, node < nodeCount);
        if (next === 'give-up') return;
        if (next === 'other-node') {
          [node, here] = [node + 1, 0];
          expect(node).toBeLessThanOrEqual(nodeCount);
        }
      }
    }),
  );
});

test('work never moves if there is no other node', () => {
  fc.assert(
    fc.property(classes, kinds, fc.integer({ min: 1, max: 6 }), (failureClass, what, here) => {
      const next = nextTry(failureTable[failureClass], what, { here, nodes: 1, all: here }, false);
      expect(next).not.toBe('other-node');
    }),
  );
});

test('errors that the user must fix are never retried', () => {
  expect(nextTry(failureTable['bad-input'], 'start', { here: 1, nodes: 1, all: 1 }, true)).toBe('give-up');
});
