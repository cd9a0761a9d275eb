/**
 * How far a measurement can be trusted, from the best to the worst. `valid` is shown as "checked". `unchecked`: only
 * figures are known, and nothing that says how they were measured, so there is no reason for doubt and none for trust.
 */
export const verdicts = ['valid', 'unchecked', 'suspect', 'invalid'] as const;

export type VerdictName = (typeof verdicts)[number];

/** An invalid measurement is never published. */
export type PublishedVerdict = Exclude<VerdictName, 'invalid'>;

export const publishedVerdicts = [
  'valid',
  'unchecked',
  'suspect',
] as const satisfies readonly PublishedVerdict[];

/** A figure is as good as the worst measurement that it rests on. */
export function worstVerdict(rests: readonly { readonly verdict: PublishedVerdict }[]): PublishedVerdict {
  const worst = Math.max(0, ...rests.map(({ verdict }) => publishedVerdicts.indexOf(verdict)));
  return publishedVerdicts[worst] ?? 'suspect';
}
