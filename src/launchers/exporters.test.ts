import { expect, test } from 'vitest';
import { type Host, thisMachine } from '../hosts/index.ts';
import { reachExporters } from './exporters.ts';

test('if it is cancelled, the ways to exporters that are already open are closed', async () => {
  const cancelled = new AbortController();
  const closed: string[] = [];
  const host: Host = {
    ...thisMachine,
    reach: async (address) => {
      if (address === 'node-a')
        return { baseUrl: 'http://127.0.0.1:1', close: async () => void closed.push(address) };
      cancelled.abort();
      throw new Error('not reached');
    },
  };
  const site = { host, definition: { addressOf: async (node: string) => node }, nodes: ['node-a', 'node-b'] };
  const reached = reachExporters(site, { 'dcgm-exporter': 9400 }, cancelled.signal);
  await expect(reached).rejects.toThrow(cancelled.signal.reason);
  expect(closed).toEqual(['node-a']);
});
