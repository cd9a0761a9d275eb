import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WorkError } from '../errors.ts';
import { reportOf } from './sweep-report.ts';

vi.mock('../server/index.ts', () => ({
  writeReport: async () => {
    throw new WorkError('this installation has no dashboard in it\nand more that is of no use');
  },
}));
vi.mock('./knowledge.ts', () => ({ knowledgeOf: undefined }));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweep-report-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('an installation without a page keeps the points and says once that there is no report', async () => {
  const notes: string[] = [];
  await reportOf({ report: join(folder, 'report.html'), path: folder }, (note) => notes.push(note));
  expect(notes).toEqual([
    `warning: no report was written: this installation has no dashboard in it (all points are kept in ${folder} and in the store)`,
  ]);
});
