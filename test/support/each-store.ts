import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { PostgresServer, postgresPrograms } from './postgres.ts';

/** Creates an empty store and returns its location. */
export type NewStore = () => Promise<string>;

/** Runs the same tests for each kind of store. */
export function describeEachStore(name: string, tests: (newStore: NewStore) => void): void {
  describe(`${name} (SQLite)`, () => {
    let folder: string;
    let stores = 0;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'store-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));
    tests(async () => join(folder, `${++stores}.sqlite`));
  });

  const skipped = postgresPrograms === undefined;
  describe.skipIf(skipped)(`${name} (PostgreSQL${skipped ? '; skipped: it is not installed' : ''})`, () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await PostgresServer.start(postgresPrograms ?? '');
    });
    afterAll(() => server.stop());
    tests(async () => await server.database());
  });
}
