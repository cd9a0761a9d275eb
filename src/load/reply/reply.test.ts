import { describe, expect, it } from 'vitest';
import { backends } from '../backends/index.ts';
import { Reply } from './reply.ts';

const token = (text: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, text, finish_reason: finish }] })}\n\n`;
const usage = (count: number): string =>
  `data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":${count}}}\n\n`;
const done = 'data: [DONE]\n\n';

/** A reply whose pieces arrive at 10, 20, … ms. */
function replyOf(...pieces: readonly string[]): Reply {
  const reply = new Reply(backends.openai);
  reply.reset({ outputTokens: 4, choices: 1, candidates: 1, keepText: false });
  const headers = new Map([['content-type', 'text/event-stream']]);
  reply.head({ status: 200, headers }, { onUnpacked: () => {}, onBroken: () => {} });
  for (const [index, piece] of pieces.entries()) {
    const bytes = Buffer.from(piece);
    reply.body(bytes, 0, bytes.length, 10 * (index + 1));
  }
  return reply;
}

describe('the end of a reply', () => {
  it('is its end marker', () => {
    const reply = replyOf(token('a'), token('b', 'length'), usage(2), done);
    expect(reply).toMatchObject({ isOver: true, overMs: 40, wentOnAfterEnd: false });
    expect(reply.endMs(90)).toBe(40);
  });

  it('is its finish if it is counted and has no end marker, which only the end of the body shows', () => {
    const reply = replyOf(token('a'), token('b', 'length'), usage(2));
    expect(reply).toMatchObject({ isOver: false, isCounted: true, lastEventMs: 30 });
    expect(reply.endMs(90)).toBe(20);
  });

  it('is the end of the body if it has no finish or no count', () => {
    expect(replyOf(token('a'), usage(1)).endMs(90)).toBe(90);
    expect(replyOf(token('a', 'length')).endMs(90)).toBe(90);
  });

  it.each([
    ['like the previous ones', token('c')],
    ['unlike the previous ones', token('c').replace('{"index"', '{"extra":1,"index"')],
  ])('is not a finish that is followed by a token %s', (_, late) => {
    const pieces = [token('a'), token('b'), token('', 'stop'), usage(4), late];
    expect(replyOf(...pieces)).toMatchObject({ isCounted: false, isWhole: false, chunks: 3 });
    const reply = replyOf(...pieces, token('d'), token('', 'stop'));
    expect(reply).toMatchObject({ isCounted: true, chunks: 4 });
    expect(reply.endMs(90)).toBe(70);
  });
});

describe('events after the end marker', () => {
  it.each([
    ['in a later read', [done, token('c')]],
    ['in the same read', [done + token('c')]],
    ['with a usage', [done, token('c') + usage(3)]],
  ])('a token %s does not count, but is noted', (_, late) => {
    const reply = replyOf(token('a'), token('b'), token('', 'length') + usage(2), ...late);
    expect(reply).toMatchObject({ wentOnAfterEnd: true, chunks: 2, completionTokens: 2, overMs: 40 });
  });

  it('may be usage, a heartbeat or unreadable', () => {
    const reply = replyOf(token('a', 'length'), done, usage(1), ': x\n\n', 'data: x\n\n', token(''));
    expect(reply).toMatchObject({ wentOnAfterEnd: false, completionTokens: 1, overMs: 30 });
  });
});

it('a reply cannot have endless events without content', () => {
  const heartbeats = 'data: ping\n\n'.repeat(100_017);
  expect(() => replyOf(token('a'), heartbeats)).toThrow(
    expect.objectContaining({ troubleClass: 'runaway-reply' }),
  );
});
