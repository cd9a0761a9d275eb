import { expect, test } from 'vitest';
import { BodyCache } from './body-cache.ts';
import { EncodedBody } from './http/encoding.ts';

test('a body is made once per state of the store, for any number of requests, and again after a failure', async () => {
  let version = '1';
  let made = 0;
  const cache = new BodyCache<EncodedBody>(async () => version);
  const ask = async () =>
    await cache.get('a', async () => {
      if (++made === 1) throw new Error('failed');
      return new EncodedBody(`made ${made}`);
    });
  await expect(ask()).rejects.toThrow('failed');
  const bodies = await Promise.all([ask(), ask(), ask()]);
  expect(bodies.map(({ plain }) => new TextDecoder().decode(plain))).toEqual(['made 2', 'made 2', 'made 2']);
  version = '2';
  expect(new TextDecoder().decode((await ask()).plain)).toBe('made 3');
});
