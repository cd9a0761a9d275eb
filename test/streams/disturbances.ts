import fc from 'fast-check';
import type { Exchange } from './exchange.ts';
import type { Disturbance } from './wire.ts';

/** Meaningless bytes that may come between two events of a stream. */
const keepAlives = [
  ': keepalive\n\n',
  ':\n\n',
  ':\n',
  ': a comment without a blank line\r\n',
  ':\r\r',
  '\n',
  '\r\n\r\n',
  'data:\n\n',
  'data: \r\n\r\n',
  'data\n\n',
  'event: ping\n\n',
  'event: ping\ndata: {"type": "ping"}\n\n',
  'event: ping\ndata:\n\n',
  'retry: 3000\n\n',
  'id: 7\nretry: 10\n\n',
];

/** Different ways to write the same reply. */
export function disturbancesOf({ http, isRobust }: Exchange): fc.Arbitrary<Disturbance> {
  const places = fc.array(fc.nat(4000), { maxLength: 8 });
  const keepAlive = fc.record({
    before: fc.nat(12),
    bytes: fc.constantFrom(...keepAlives),
    alone: fc.boolean(),
  });
  const isPacked = http.headers.some((line) => line.startsWith('Content-Encoding'));
  const isFree = isRobust && http.framing === 'chunked' && !isPacked && http.ending.kind === 'whole';
  const gzip = { ...http, gzip: true, headers: [...http.headers, 'Content-Encoding: gzip'] };
  return fc.record({
    chunkCuts: places,
    writeCuts: places,
    keepAlives: isRobust ? fc.array(keepAlive, { maxLength: 4 }) : fc.constant([]),
    pausesMs: fc.array(fc.nat(8), { maxLength: 4 }),
    http: isFree
      ? fc.constantFrom(
          {},
          {},
          { framing: 'length' as const },
          { framing: 'until-close' as const },
          { framing: 'http-1.0' as const },
          gzip,
          { ...gzip, framing: 'length' as const },
        )
      : fc.constant({}),
  });
}
