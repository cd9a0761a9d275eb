import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { doubtNames, eachDoubt, reasonsOfDoubts } from './doubts.ts';

it('the docs explain every doubt', () => {
  const page = readFileSync(new URL('../../../docs/fidelity.md', import.meta.url), 'utf8');
  expect(doubtNames.filter((name) => !page.includes(`| \`${name}\``))).toEqual([]);
});

it('every doubt about more than 1 % of the replies gives one reason, with their number', () => {
  for (const name of doubtNames) {
    const reasons = reasonsOfDoubts({ ...eachDoubt(() => 0), [name]: 7 }, 100);
    expect(reasons).toEqual([expect.stringMatching(/7 replies/)]);
  }
  expect(
    reasonsOfDoubts(
      eachDoubt(() => 0),
      100,
    ),
  ).toEqual([]);
});
