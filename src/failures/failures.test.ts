import { describe, expect, test } from 'vitest';
import { endsTheEngine, endsTheReservation, endsTheSweep, failureClasses, failureTable } from './index.ts';
import { memoryRanOut } from './out-of-memory.ts';

test('what is known of each class is written down in classes.md', async () => {
  await expect(markdown()).toMatchFileSnapshot('./classes.md');
});

/** The table as people read it. */
function markdown(): string {
  const header = [
    'class',
    'what happened',
    'here: start, point',
    'elsewhere',
    'deadline',
    'the node',
    'ends',
  ];
  const rows = failureClasses.map((failureClass) => {
    const rule = failureTable[failureClass];
    const most = rule.mostBackoffS === undefined ? '' : ` to ${rule.mostBackoffS}`;
    const wait = rule.backoffS === 0 ? '' : ` after ${rule.backoffS}${most} s`;
    const deadlineS = rule.deadlineS === undefined ? '' : duration(rule.deadlineS);
    return [
      `\`${failureClass}\``,
      rule.means,
      `${rule.restarts}, ${rule.remeasurements}${wait}`,
      String(rule.otherNodes),
      `${deadlineS} ${rule.deadline ?? ''}`.trim(),
      rule.node,
      rule.ends,
    ];
  });
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [
    '# Classes of failures',
    '',
    'Written by `failures.test.ts` from `table.ts`, with `vitest -u`. _Here_ is on the same node, by a new start or a new measurement; _elsewhere_ is the number of other nodes of the pool. _Ends_ is what is gone after such a failure. A node that is _guilty_ is taken out of use at once, a _suspect_ one when it fails two sessions in a row or one that another node can do, a _compared_ one only in the latter case.',
    '',
    line(header),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    '',
  ].join('\n');
}

function duration(seconds: number): string {
  return seconds % 3600 === 0 && seconds > 3600 ? `${seconds / 3600} h` : `${seconds} s`;
}

describe('what a failure ends', () => {
  test.each(failureClasses)('%s: whatever ends more ends the less, too', (failureClass) => {
    const { ends } = failureTable[failureClass];
    expect([
      endsTheEngine(failureClass),
      endsTheReservation(failureClass),
      endsTheSweep(failureClass),
    ]).toEqual([ends !== 'nothing', ends === 'reservation' || ends === 'sweep', ends === 'sweep']);
  });

  test('an engine that answers goes on being measured, and a gone one is not asked again', () => {
    const ending = (ends: string) => failureClasses.filter((one) => failureTable[one].ends === ends);
    expect(ending('sweep')).toEqual(['disk-full']);
    expect(ending('reservation')).toEqual([
      'node-broken',
      'unreachable',
      'node-lost',
      'preempted',
      'time-limit',
    ]);
    expect(ending('nothing')).toEqual([
      'bad-input',
      'node-busy',
      'provisioning',
      'recipe-refused',
      'not-permitted',
      'load-test',
      'invalid-measurement',
    ]);
  });
});

test.each([
  ['a kill that the kernel counted', { signal: 'SIGKILL', code: null, kernelKills: 1 }, true],
  ['the same as a shell reports it', { signal: null, code: 137, kernelKills: 2 }, true],
  ['a kill alone', { signal: 'SIGKILL', code: null, kernelKills: 0 }, false],
  ['a kill on a machine that counts nothing', { signal: 'SIGKILL', code: null }, false],
  ['a kill of another process', { signal: null, code: 1, kernelKills: 3 }, false],
])('that memory ran out is shown by %s: %j → %s', (_, end, shown) => {
  expect(memoryRanOut(end) !== undefined).toBe(shown);
});
