import { describe, expect, it } from 'vitest';
import { storeName } from '../app/store.ts';
import { InputError } from '../errors.ts';
import { storeLocation } from './store-location.ts';

const at = (store: string) => storeLocation({ store, stateDir: 'state' });

/** The error for a rejected store. */
function refusal(store: string): string {
  try {
    at(store);
  } catch (error) {
    if (error instanceof InputError && error.exitCode === 2) return error.message;
    throw error;
  }
  throw new Error(`${store} was not rejected`);
}

describe('the location of the store', () => {
  it('is a file in the state folder by default', () => {
    for (const options of [{ stateDir: '/state', store: '' }, { stateDir: '/state' }])
      expect(storeLocation(options)).toBe('/state/store.sqlite');
  });
  it('is the file or database of --store', () => {
    for (const store of [
      'a/b.sqlite',
      '/x:y/z',
      'postgres://u:p@h/db',
      'postgresql://h/db',
      'Postgres://h/db',
    ])
      expect(at(store)).toBe(store);
  });
  it.each(['mysql', 'postgress', 'pg', 'https', 'file'])('is never a file named like a %s URL', (scheme) => {
    const said = refusal(`${scheme}://user:SECRET@127.0.0.1:1/db`);
    expect(said).toContain('postgres://');
    expect(said).not.toMatch(/user|SECRET/);
  });
  it('suggests the right scheme for a typo', () => {
    expect(refusal('postgress://h/db')).toContain('did you mean postgres://');
  });
  it('does not show the password of an invalid URL', () => {
    const said = refusal('postgres://user:SEC/RET@host/db');
    expect(said).toContain('postgres://user:***@host/db');
    expect(said).toContain('%2F');
  });
});

describe('the name of a store', () => {
  it.each([
    ['postgres://u:p@h/db', 'postgres://u:***@h/db'],
    ['Postgres://u:p@h/db', 'Postgres://u:***@h/db'],
    ['postgres://u:12/3@4@h/db', 'postgres://u:***@h/db'],
    ['postgres://h/db?user=u&password=p&ssl=1', 'postgres://h/db?user=u&password=***&ssl=1'],
    ['postgres://h:5432/db', 'postgres://h:5432/db'],
    ['some/store.sqlite', 'some/store.sqlite'],
  ])('of %s shows no password', (location, shown) => {
    expect(storeName(location)).toBe(shown);
  });
});
