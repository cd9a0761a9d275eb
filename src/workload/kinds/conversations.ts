import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { count, share, workloadKind } from '../kind.ts';

/** A number, or a range as in `--conversation-turns`. */
const turns = () =>
  z
    .union(
      [
        z.int().min(1),
        z.string().refine((text) => {
          const { low, high } = rangeOf(text);
          return low >= 1 && low <= high;
        }),
      ],
      { error: 'expected a number such as 4, or a range such as 2-6' },
    )
    .describe('Turns per conversation: a number, or a range such as 2-6');

function rangeOf(said: number | string): { readonly low: number; readonly high: number } {
  const [, low, high = low] = /^(\d+)(?:-(\d+))?$/.exec(String(said)) ?? [];
  return { low: Number(low), high: Number(high) };
}

/** Conversations of several turns: each prompt is everything said before and a new message. */
export const conversations = workloadKind({
  name: 'conversations',
  about: 'conversations of several turns with think time, in which each prompt contains what was said before',
  generator: 1,
  fields: () => ({
    turns: turns(),
    'prefix-len': count(
      'Tokens of a system prompt that all conversations share (default: none)',
    ).exactOptional(),
    'input-len': count('Tokens of the first message'),
    'turn-input-len': count('Tokens of each later message (default: input-len)').exactOptional(),
    'output-len': count('Tokens of each reply'),
    'range-ratio': share('Each length is uniform in [ratio × length, length] (default: 1)').exactOptional(),
    'think-time': z
      .number()
      .min(0, 'expected a number of seconds, 0 or more')
      .describe('Mean pause between a reply and the next message, in seconds (default: 1)')
      .exactOptional(),
  }),
  lengths: ({ turns: said, 'input-len': first, 'output-len': osl, ...own }) => {
    const later = own['turn-input-len'] ?? first;
    return { isl: (own['prefix-len'] ?? 0) + first + (rangeOf(said).high - 1) * (later + osl), osl };
  },
  dataset: (own) => ({
    name: 'conversations',
    options: {
      conversationTurns: rangeOf(own.turns),
      inputLen: own['input-len'],
      outputLen: own['output-len'],
      ...defined({
        turnInputLen: own['turn-input-len'],
        randomPrefixLen: own['prefix-len'],
        randomRangeRatio: own['range-ratio'],
        thinkTime: own['think-time'],
      }),
    },
  }),
});
