import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defined } from '../defined/defined.ts';
import { failureClasses, failureTable } from '../failures/index.ts';
import { type NodeOutcome, quarantined } from './node-health.ts';

const pool = ['a', 'b', 'c'];
const bad = (
  node: string,
  sessionId: string,
  failureClass: NodeOutcome['failureClass'] & string,
): NodeOutcome => ({
  node,
  sessionId,
  failureClass,
});
const good = (node: string, sessionId: string): NodeOutcome => ({ node, sessionId });
const judge = (outcomes: readonly NodeOutcome[], pools: readonly (readonly string[])[] = [pool]) =>
  quarantined(outcomes, pools, failureTable);

describe('a node is taken out of use', () => {
  test('when it fails two sessions in a row', () => {
    expect(judge([bad('a', '1', 'never-ready')])).toEqual(new Map());
    expect(judge([bad('a', '1', 'never-ready'), bad('a', '2', 'died-on-start')])).toEqual(
      new Map([
        ['a', { reason: 'it failed 2 sessions in a row (never-ready, died-on-start)', broken: false }],
      ]),
    );
  });

  test('when another node does what it failed', () => {
    expect(judge([bad('a', '1', 'died-on-start'), good('b', '1')])).toEqual(
      new Map([
        ['a', { reason: 'it failed session 1 (died-on-start), which another node completed', broken: false }],
      ]),
    );
  });

  test('at once when it is lost', () => {
    expect([...judge([bad('a', '1', 'node-lost')]).keys()]).toEqual(['a']);
  });
});

test('a node that is broken is taken out at once, with what happened, and no success clears it', () => {
  const ecc = { ...bad('a', '1', 'node-broken'), message: 'uncorrectable ECC error' };
  const reason = 'node-broken in session 1: uncorrectable ECC error';
  expect(judge([ecc, good('a', '2')])).toEqual(new Map([['a', { reason, broken: true }]]));
});

test('a node whose large sessions fail is not cleared by a small one', () => {
  const large = (id: string) => ({ ...bad('a', id, 'never-ready'), accelerators: 8 });
  const small = { ...good('a', 'small'), accelerators: 1 };
  expect([...judge([large('1'), small, large('2')]).keys()]).toEqual(['a']);
  expect(judge([large('1'), { ...small, accelerators: 8 }, large('2')])).toEqual(new Map());
});

test('a node that may not fit is taken out only where another one could do the same', () => {
  const unfit = [bad('a', '1', 'node-unfit'), bad('a', '2', 'node-unfit'), bad('a', '3', 'node-files')];
  expect(judge(unfit)).toEqual(new Map());
  expect([...judge([...unfit, good('b', '2')]).keys()]).toEqual(['a']);
});

test('no recipe, right or rate limit takes a node out, however many sessions fail by it', () => {
  for (const one of ['recipe-refused', 'not-permitted', 'image-unfit', 'gpu-memory', 'throttled'] as const) {
    const outcomes = Array.from({ length: 9 }, (_, i) => bad(pool[i % 3] ?? '', String(i), one));
    expect(judge([...outcomes, good('c', '0')])).toEqual(new Map());
  }
});

describe('a node stays in use', () => {
  test('when the same session fails on it twice: the session may be at fault', () => {
    expect(judge([bad('a', '1', 'never-ready'), bad('a', '1', 'never-ready')])).toEqual(new Map());
  });

  test('when it did its work in between', () => {
    expect(judge([bad('a', '1', 'never-ready'), good('a', '2'), bad('a', '3', 'never-ready')])).toEqual(
      new Map(),
    );
  });

  test('when the failures say nothing of a node', () => {
    expect(judge([bad('a', '1', 'out-of-memory'), bad('a', '2', 'load-test')])).toEqual(new Map());
  });
});

test('no pool ever loses its last node', () => {
  const outcomes = fc.array(
    fc.record({
      node: fc.constantFrom(...pool, 'd'),
      sessionId: fc.constantFrom('1', '2', '3'),
      failureClass: fc.option(fc.constantFrom(...failureClasses), { nil: undefined }),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(outcomes, (list) => {
      const pools = [pool, ['c', 'd']];
      const taken = judge(
        list.map(({ failureClass, ...outcome }) => ({
          ...outcome,
          ...defined({ failureClass }),
        })),
        pools,
      );
      for (const nodes of pools) expect(nodes.every((node) => taken.has(node))).toBe(false);
    }),
  );
});
