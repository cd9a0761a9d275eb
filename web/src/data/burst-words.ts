import type { Bursts } from '../../../src/derived/bursts.ts';
import { decimals, percent, seconds } from '../parts/format.ts';

/** What a reader of the replies sees instead of an even speed. */
export function burstWords({ of, gapMs, tokens }: Bursts): string {
  return of === 'half'
    ? `bursts of about ${decimals(tokens, 0)} tokens, ${seconds(gapMs)} apart`
    : `pauses of ${seconds(gapMs)} or longer in ${percent(0.01)} of the gaps between tokens`;
}
