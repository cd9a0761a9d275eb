import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { hintFor } from './why-not-written.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test('the hint depends on the failure: an unwritable place, or data that cannot be stored', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('create table kept (value text not null); pragma query_only = on');
  const readOnly = thrownBy(() => database.exec("insert into kept values ('a')"));
  database.exec('pragma query_only = off');
  const badData = thrownBy(() => database.exec('insert into kept values (null)'));
  database.close();
  expect(hintFor(readOnly)).toContain('grant write permission');
  for (const error of [badData, { code: '22P02' }, { code: '54000' }]) {
    expect(hintFor(error)).toContain('leave that file out');
    expect(hintFor(error)).not.toContain('permission');
  }
  expect(hintFor({ code: '53100' })).toContain('free some space on the server');
  expect(hintFor({ code: 'ECONNRESET' })).toContain('is reachable');
});
