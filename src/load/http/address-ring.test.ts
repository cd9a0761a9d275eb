import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressRing } from './address-ring.ts';
import type { ServerAddresses } from './addresses.ts';

function addresses(count: number): ServerAddresses {
  const reachable = Array.from({ length: count }, (_, at) => ({
    name: `127.0.0.${at + 1}`,
    place: { host: `127.0.0.${at + 1}`, port: 1 },
    tlsName: undefined,
    insecure: false,
  }));
  return { origin: 'http://replicas.test:1', reachable, skipped: [] };
}

describe('the addresses of a server', () => {
  it('are used in turn, across several threads as within one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
        (count, connectionsByThread) => {
          const used = new Array<number>(count).fill(0);
          let offset = 0;
          for (const connections of connectionsByThread) {
            const ring = new AddressRing(addresses(count), offset);
            for (let opened = 0; opened < connections; opened++) {
              const place = ring.next();
              used[place] = (used[place] ?? 0) + 1;
            }
            offset += connections;
          }
          expect(Math.max(...used) - Math.min(...used)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('are skipped while they refuse connections, unless all do', () => {
    const ring = new AddressRing(addresses(3), 0);
    ring.refused(1);
    expect([ring.next(), ring.next(), ring.next(), ring.next()]).toEqual([0, 2, 0, 2]);
    ring.refused(0);
    ring.refused(2);
    expect(new Set([ring.next(), ring.next(), ring.next()])).toEqual(new Set([0, 1, 2]));
  });

  it('count the requests sent to each since the last phase', () => {
    const ring = new AddressRing(addresses(2), 0);
    ring.sent(1);
    ring.resetCounts();
    ring.sent(0);
    ring.sent(0);
    ring.sent(1);
    expect(ring.requests).toEqual([2, 1]);
  });
});
