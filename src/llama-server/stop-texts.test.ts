import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GenerationEvent } from './generator.ts';
import { untilStop } from './stop-texts.ts';

async function generated(pieces: readonly string[], stop: readonly string[]) {
  async function* events(): AsyncGenerator<GenerationEvent> {
    for (const text of pieces) yield { type: 'token', text };
    yield { type: 'end', reason: 'length', completionTokens: pieces.length };
  }
  let text = '';
  let reason: string | undefined;
  for await (const event of untilStop(events(), stop)) {
    if (event.type === 'token') text += event.text;
    else if (event.type === 'end') reason = event.reason;
  }
  return { text, reason };
}

test('a stop text ends the answer, is not part of it, and may span several tokens', async () => {
  expect(await generated(['7 ', 'Que', 'st', 'ion: more'], ['Question:'])).toEqual({
    text: '7 ',
    reason: 'stop',
  });
  expect(await generated(['7 Que', 'ue'], ['Question:'])).toEqual({ text: '7 Queue', reason: 'length' });
});

test('for any tokens, the answer is the text before the first stop text', async () => {
  const piece = fc.stringMatching(/^[abc]{0,4}$/);
  const stop = fc.array(fc.stringMatching(/^[abc]{1,3}$/), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), stop, async (pieces, stops) => {
      const whole = pieces.join('');
      const { text, reason } = await generated(pieces, stops);
      const ends = stops.map((one) => whole.indexOf(one)).filter((index) => index >= 0);
      // A longer stop text that starts earlier may still be incomplete when a shorter one inside it is complete.
      if (ends.length === 0) expect({ text, reason }).toEqual({ text: whole, reason: 'length' });
      else {
        expect(reason).toBe('stop');
        expect(whole.startsWith(text)).toBe(true);
        for (const one of stops) expect(text.includes(one)).toBe(false);
      }
    }),
  );
});
