import { afterAll, beforeAll, describe, it } from 'vitest';
import { generatingBackends } from '../../src/load/index.ts';
import { exchanges } from './exchanges/index.ts';
import { plainExchange } from './plain.ts';
import { ReplayServer } from './replay-server.ts';
import { assertUndisturbed } from './splits.ts';

let server: ReplayServer;
beforeAll(async () => {
  server = await ReplayServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('the report does not depend on how bytes are cut, framed, delayed and mixed with keep-alives', () => {
  it.concurrent.each(generatingBackends)('for a plain reply to %s', async (backend) => {
    await assertUndisturbed(server, plainExchange(backend, 5), { numRuns: 500 });
  });

  it.concurrent.each(exchanges.map((exchange) => [exchange.name, exchange] as const))(
    'of %s',
    async (_, exchange) => {
      await assertUndisturbed(server, exchange, { numRuns: 20 });
    },
  );
});
