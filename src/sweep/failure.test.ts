import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failureClasses, mostFailures, nextTry, retryRules } from './failure.ts';

const classes = fc.constantFrom(...failureClasses);
const kinds = fc.constantFrom('start' as const, 'point' as const);

test('whatever keeps failing is given up after a bounded number of tries, on every node there is', () => {
  fc.assert(
    fc.property(classes, kinds, fc.integer({ min: 1, max: 10 }), (failureClass, what, nodeCount) => {
      let [node, here, all] = [1, 0, 0];
      for (;;) {
        [here, all] = [here + 1, all + 1];
        expect(all).toBeLessThanOrEqual(mostFailures);
        const next = nextTry(retryRules[failureClass], what, { here, nodes: node, all }, node < nodeCount);
        if (next === 'give-up') return;
        if (next === 'other-node') {
          [node, here] = [node + 1, 0];
          expect(node).toBeLessThanOrEqual(nodeCount);
        }
      }
    }),
  );
});

test('work never moves where there is no other node', () => {
  fc.assert(
    fc.property(classes, kinds, fc.integer({ min: 1, max: 6 }), (failureClass, what, here) => {
      const next = nextTry(retryRules[failureClass], what, { here, nodes: 1, all: here }, false);
      expect(next).not.toBe('other-node');
    }),
  );
});

test('what a user must correct is never tried again', () => {
  expect(nextTry(retryRules['bad-input'], 'start', { here: 1, nodes: 1, all: 1 }, true)).toBe('give-up');
});

test('the table in the README is the one in force', async () => {
  const readme = await readFile(new URL('./README.md', import.meta.url), 'utf8');
  const rows = readme.split('\n').flatMap((line) => {
    const [, name, , here = '', elsewhere, deadline, node] = line.split('|').map((cell) => cell.trim());
    return name?.startsWith('`') ? [{ name: name.slice(1, -1), here, elsewhere, deadline, node }] : [];
  });
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...failureClasses].toSorted());
  for (const { name, here, elsewhere, deadline, node } of rows) {
    const rule = retryRules[failureClasses.find((one) => one === name) ?? 'bad-input'];
    const [start, point = '0'] = here.replace(/ after.*/, '').split(', ');
    const count = (text: string | undefined) => (text === '–' ? 0 : Number(text));
    expect([name, count(start), count(point), Number(elsewhere), node]).toEqual([
      name,
      rule.restarts,
      rule.remeasurements,
      rule.otherNodes,
      rule.node,
    ]);
    expect(/ after (\d+) s/.exec(here)?.[1] ?? '0').toBe(String(rule.backoffS));
    const hours = /^(\d+) h/.exec(deadline ?? '')?.[1];
    const seconds = hours === undefined ? /^(\d+) s/.exec(deadline ?? '')?.[1] : Number(hours) * 3600;
    expect([name, seconds === undefined ? undefined : Number(seconds)]).toEqual([name, rule.deadlineS]);
  }
});
