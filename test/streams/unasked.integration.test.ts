import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completion, done, lengthIf, sse, usage, word } from './events.ts';
import { exchange, piece, tokens } from './exchange.ts';
import { play } from './play.ts';
import { ReplayServer } from './replay-server.ts';
import { unaskedReply } from './wire.ts';

const n = 5;

let server: ReplayServer;
beforeAll(async () => {
  server = await ReplayServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** The client sends nothing for a while after these bytes arrive. */
const restsBetween = { requestRate: 1, burstiness: Number.POSITIVE_INFINITY };

describe('bytes that a server sends without a request', () => {
  it.concurrent.each<[name: string, bytes: Buffer, isWorthAWord: boolean]>([
    ['a reply', unaskedReply, true],
    ['a reply without its end', unaskedReply.subarray(0, -5), true],
    ['half a head', unaskedReply.subarray(0, 12), true],
    ['a timeout', Buffer.from('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'), true],
    ['an interim response', Buffer.from('HTTP/1.1 102 Processing\r\n\r\n'), true],
    ['bytes that are not HTTP', Buffer.from('bye'), true],
    ['a line break', Buffer.from('\r\n'), false],
  ])('%s: not taken as the reply to the next request', async (name, bytes, isWorthAWord) => {
    const pieces = [
      ...tokens(n, (index, isLast) => sse(completion(word(index), lengthIf(isLast)))),
      piece(sse(usage(n)) + done),
    ];
    const { result, index } = await play(
      server,
      exchange(`unasked-${name.replaceAll(' ', '-')}`, pieces, {
        settings: restsBetween,
        http: { ending: { kind: 'unasked', bytes } },
      }),
    );
    expect(result).toMatchObject({ completed: 2, failed: 0 });
    expect(result?.output_lens?.[index]).toBe(n);
    const isFollowed = index === 0;
    expect(result?.troubles.filter((trouble) => trouble.class === 'unsolicited')).toMatchObject(
      isWorthAWord && isFollowed ? [{ count: 1, failed: false }] : [],
    );
    expect(result?.fidelity.reconnects).toBe(isWorthAWord && isFollowed ? 1 : 0);
  });
});
