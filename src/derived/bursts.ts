import type { AnswerCandidate } from './candidate.ts';

/** Tokens that reach a reader several at a time, with noticeable pauses between them. */
export interface Bursts {
  /** The pauses: half of the gaps between two messages are this long, or only one in a hundred. */
  readonly of: 'half' | 'one-in-100';
  readonly gapMs: number;
  /** About how many tokens arrive after a pause: those that the mean speed delivers in this time. */
  readonly tokens: number;
}

/** A pause that a reader notices. */
export const noticeableMs = 200;
/** With speculative decoding, a step delivers up to about this many tokens. */
export const tokensOfAStep = 4;
/** Rare pauses are noticed only if they interrupt reading. */
export const interruptionMs = 1000;

/**
 * Whether the speed of a point hides pauses: interactivity is 1000 / TPOT, the mean over a reply, however
 * unevenly its tokens arrive. They arrive in bursts if half of the gaps (the median ITL) are noticeable and
 * as long as several steps, or if one gap in a hundred (the p99 ITL) interrupts reading. Null if they do
 * not, or if TPOT or ITL is unknown.
 */
export function burstsOf({ metric }: Pick<AnswerCandidate, 'metric'>): Bursts | null {
  const tpotMs = metric('medianTpotMs');
  if (tpotMs === null || !(tpotMs > 0)) return null;
  const [usual, rare] = [metric('medianItlMs'), metric('p99ItlMs')];
  const several = tokensOfAStep * tpotMs;
  if (usual !== null && usual >= Math.max(noticeableMs, several))
    return { of: 'half', gapMs: usual, tokens: usual / tpotMs };
  if (rare !== null && rare >= Math.max(interruptionMs, several))
    return { of: 'one-in-100', gapMs: rare, tokens: rare / tpotMs };
  return null;
}

/** The bursts of a server between two of its points: those with the longer gap of the more frequent kind. */
export function worstBursts(points: readonly Pick<AnswerCandidate, 'metric'>[]): Bursts | null {
  const all = points.flatMap((point) => burstsOf(point) ?? []);
  const frequent = all.filter((bursts) => bursts.of === 'half');
  const among = frequent.length > 0 ? frequent : all;
  return among.reduce<Bursts | null>(
    (worst, one) => (worst === null || one.gapMs > worst.gapMs ? one : worst),
    null,
  );
}
