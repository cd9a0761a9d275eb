import { expect, test } from 'vitest';
import { someEntry } from '../../test/support/some-entry.ts';
import type { SingleNodeEntry } from '../identity/index.ts';
import { type Plan, planSessions } from '../plan/index.ts';
import { replan } from './index.ts';

function plan(concs: readonly number[], changes: Partial<SingleNodeEntry> = {}, flag = '1'): Plan {
  const entries = concs.map((conc) => ({ ...someEntry, ...changes, conc }));
  return planSessions(entries, {
    recipes: () => ({
      server: () => ({ args: ['--flag', flag], env: {}, files: [], acceleratorCount: 8 }),
    }),
    hardwareOf: () => 'h200',
  });
}

const idsOf = ({ sessions }: Plan) => sessions.flatMap(({ points }) => points.map(({ id }) => id));
const concsOf = (of: Plan | undefined) =>
  of?.sessions.map(({ points }) => points.map(({ conc }) => conc)) ?? [];

test('an unchanged plan is not replaced, whatever was measured', () => {
  expect(replan(plan([4, 8]), plan([8, 4]), new Set(idsOf(plan([4]))))).toBeUndefined();
});

test('counts the points that continue, are new, are dropped, or are kept as measured', () => {
  const before = plan([4, 8, 16]);
  const [measured = ''] = idsOf(plan([4]));
  const after = replan(before, plan([8, 32]), new Set([measured]));
  expect(after).toMatchObject({ goOn: 1, added: 1, dropped: 1, kept: 1, conflicts: 0, changes: [] });
  expect(concsOf(after?.plan)).toEqual([[4, 8, 32]]);
});

test('a measured point conflicts with a new one of the same name on another server', () => {
  const before = plan([4, 8]);
  const after = replan(before, plan([4, 8], {}, '2'), new Set(idsOf(plan([4]))));
  expect(after).toMatchObject({ goOn: 0, added: 2, dropped: 1, kept: 1, conflicts: 1 });
  expect(after?.changes).toEqual(['--flag 1 is now 2']);
});

test.each([
  ['image', { image: 'example/engine:v2' }, 'image example/engine:v1 is now example/engine:v2'],
  ['model', { model: 'org/other' }, 'model org/model is now org/other'],
  ['runner', { runner: 'h200-nv_0' }, 'runner h200 is now h200-nv_0'],
])('a new %s is reported once, however many points have it', (_, changes, said) => {
  const after = replan(plan([4, 8]), plan([4, 8], changes), new Set());
  expect(after).toMatchObject({ goOn: 0, added: 2, dropped: 2, kept: 0, conflicts: 0, changes: [said] });
  expect(after?.plan).toEqual(plan([4, 8], changes));
});
