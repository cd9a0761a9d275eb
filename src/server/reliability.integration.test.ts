import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServedStore } from '../../test/support/served-store.ts';
import { failureTable } from '../failures/index.ts';
import { reliabilityDocument } from './documents/reliability.ts';

let served: ServedStore;
beforeAll(async () => {
  served = await ServedStore.create();
});
afterAll(async () => await served.remove());

test('a failure is served with its class and what that is in words', async () => {
  const headers = { host: '127.0.0.1:8080' };
  const response = await served.app().request('/api/v1/reliability', { headers });
  const { failures } = reliabilityDocument.parse(await response.json());
  expect(failures).toMatchObject([
    { failureClass: 'invalid-measurement', means: failureTable['invalid-measurement'].means },
  ]);
});
