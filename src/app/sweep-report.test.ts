import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WorkError } from '../errors.ts';
import { reportOf } from './sweep-report.ts';

const withoutPage = async (): Promise<never> => {
  throw new WorkError('this installation does not contain the dashboard\nand more that is of no use');
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-report-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('an installation without the dashboard keeps the points and warns once that there is no report', async () => {
  const notes: string[] = [];
  const sweep = { report: join(folder, 'report.html'), path: folder };
  await reportOf(sweep, (note) => notes.push(note), withoutPage);
  expect(notes).toEqual([
    `warning: could not write the report: this installation does not contain the dashboard (all points are kept in ${folder} and in the store)`,
  ]);
});
