import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundExchanges, exchanges } from './exchanges/index.ts';
import { differencesOf } from './play.ts';
import { ReplayServer } from './replay-server.ts';

let server: ReplayServer;
beforeAll(async () => {
  server = await ReplayServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('the client’s reports of recorded exchanges are true', () => {
  it.concurrent.each(exchanges.map((exchange) => [exchange.name, exchange] as const))(
    '%s',
    async (_, exchange) => {
      expect(await differencesOf(server, exchange)).toEqual([]);
    },
  );
});

describe('no reply exhausts the client’s time or memory', () => {
  it.each(boundExchanges.map((exchange) => [exchange.name, exchange] as const))('%s', async (_, exchange) => {
    expect(await differencesOf(server, exchange)).toEqual([]);
  });
});
