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

describe('a node is quarantined', () => {
  test('when it fails two sessions in a row', () => {
    expect(judge([bad('a', '1', 'never-ready')])).toEqual(new Map());
    expect(judge([bad('a', '1', 'never-ready'), bad('a', '2', 'died-on-start')])).toEqual(
      new Map([
        ['a', { reason: 'it failed 2 sessions in a row (never-ready, died-on-start)', broken: false }],
      ]),
    );
  });

  test('when another node completes a session that failed on it', () => {
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

test('at once when it is broken, with the reason, and no success clears it', () => {
  const ecc = { ...bad('a', '1', 'node-broken'), message: 'uncorrectable ECC error' };
  const reason = 'node-broken in session 1: uncorrectable ECC error';
  expect(judge([ecc, good('a', '2')])).toEqual(new Map([['a', { reason, broken: true }]]));
});

test('when its large sessions fail, even if a small one succeeds', () => {
  const large = (id: string) => ({ ...bad('a', id, 'never-ready'), accelerators: 8 });
  const small = { ...good('a', 'small'), accelerators: 1 };
  expect([...judge([large('1'), small, large('2')]).keys()]).toEqual(['a']);
  expect(judge([large('1'), { ...small, accelerators: 8 }, large('2')])).toEqual(new Map());
});

test('when a session may not fit on it, only if another node could do the session', () => {
  const unfit = [bad('a', '1', 'node-unfit'), bad('a', '2', 'node-unfit'), bad('a', '3', 'node-files')];
  expect(judge(unfit)).toEqual(new Map());
  expect([...judge([...unfit, good('b', '2')]).keys()]).toEqual(['a']);
});

test('never because of a recipe, a permission or a rate limit, however many sessions fail', () => {
  for (const one of ['recipe-refused', 'not-permitted', 'image-unfit', 'gpu-memory', 'throttled'] as const) {
    const outcomes = Array.from({ length: 9 }, (_, i) => bad(pool[i % 3] ?? '', String(i), one));
    expect(judge([...outcomes, good('c', '0')])).toEqual(new Map());
  }
});

describe('a node stays in use', () => {
  test('when the same session fails on it twice, because the session may be at fault', () => {
    expect(judge([bad('a', '1', 'never-ready'), bad('a', '1', 'never-ready')])).toEqual(new Map());
  });

  test('when it completed a session in between', () => {
    expect(judge([bad('a', '1', 'never-ready'), good('a', '2'), bad('a', '3', 'never-ready')])).toEqual(
      new Map(),
    );
  });

  test('when the failures do not involve nodes', () => {
    expect(judge([bad('a', '1', 'out-of-memory'), bad('a', '2', 'load-test')])).toEqual(new Map());
  });
});

test('when it is the last node of its pool', () => {
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
