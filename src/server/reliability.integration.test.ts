import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServedStore } from '../../test/support/served-store.ts';
import { sessionId } from '../../test/support/synthetic-sweep.ts';
import { failureTable } from '../failures/index.ts';
import { reliabilityDocument } from './documents/reliability.ts';

let served: ServedStore;
beforeAll(async () => {
  served = await ServedStore.create();
});
afterAll(async () => await served.remove());

test('a failure has its class in words and the end of its engine’s log, without secrets and host paths', async () => {
  const run = join(
    served.folder,
    'runs',
    'run-20260121-120000-cccc',
    'sessions',
    sessionId.replace('synthetic-', ''),
  );
  await mkdir(run, { recursive: true });
  const last = 'ERROR HF_TOKEN=hf_abcDEF123456 in /home/ann/x: CUDA error: uncorrectable ECC error\n';
  await writeFile(join(run, 'engine.log'), `${'INFO loading shard\n'.repeat(10_000)}${last}`);
  const headers = { host: '127.0.0.1:8080' };
  const response = await served.app().request('/api/v1/reliability', { headers });
  const { failures } = reliabilityDocument.parse(await response.json());
  expect(failures).toMatchObject([
    {
      failureClass: 'invalid-measurement',
      means: failureTable['invalid-measurement'].means,
      lastLog: expect.stringMatching(/^INFO loading shard\n[\s\S]*uncorrectable ECC error\n$/),
    },
  ]);
  const log = failures[0]?.lastLog ?? '';
  expect(log.length).toBeLessThan(4_200);
  expect(log).not.toMatch(/hf_abc|ann/);
});
