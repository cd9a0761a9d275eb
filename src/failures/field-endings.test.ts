import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { explainLog, failureClasses } from './index.ts';

const shared = { name: z.string(), hung: z.boolean().optional(), log: z.array(z.string()) };

/** Ends of logs from the field. Some have no known cause: then a line is quoted, or nothing is reported. */
const endings = z
  .array(
    z.union([
      z.strictObject({ ...shared, failureClass: z.enum(failureClasses), says: z.string() }),
      z.strictObject({ ...shared, quotes: z.string().nullable() }),
    ]),
  )
  .parse(JSON.parse(await readFile(join(import.meta.dirname, 'testdata', 'field-endings.json'), 'utf8')));

const known = endings.flatMap((ending) => ('failureClass' in ending ? [ending] : []));
const unknown = endings.flatMap((ending) => ('quotes' in ending ? [ending] : []));

test.each(known)('$name is $failureClass', ({ failureClass, says, hung, log }) => {
  const told = explainLog(log.join('\n'), { hung });
  expect(told).toMatchObject({ failureClass, meaning: expect.stringMatching(new RegExp(says, 'i')) });
});

test.each(unknown)('$name: no cause is invented', ({ quotes, hung, log }) => {
  const told = explainLog(log.join('\n'), { hung });
  expect(told?.meaning).toBeUndefined();
  expect(told?.line).toEqual(quotes === null ? undefined : expect.stringContaining(quotes));
});

test('names are unique', () => {
  expect(new Set(endings.map(({ name }) => name)).size).toBe(endings.length);
});
