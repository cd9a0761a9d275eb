/** What everybody calls a verdict, and what it means. */
interface VerdictMeaning {
  /** As files, the API, the commands and the page have it. */
  readonly name: string;
  readonly means: string;
  /** What files of earlier versions have for it. */
  readonly formerly?: string;
}

/** How far a measurement can be trusted, from the best to the worst. */
export const verdictMeanings = [
  {
    name: 'checked',
    means: 'no problem was found: the load generator kept up, so the times are the engine’s',
    formerly: 'valid',
  },
  {
    name: 'unchecked',
    means: 'only the figures are known, not how they were measured',
  },
  { name: 'suspect', means: 'published, but something may have disturbed it' },
  { name: 'invalid', means: 'not published: the numbers are unreliable' },
] as const satisfies readonly VerdictMeaning[];

export type VerdictName = (typeof verdictMeanings)[number]['name'];

export const verdicts = [
  'checked',
  'unchecked',
  'suspect',
  'invalid',
] as const satisfies readonly VerdictName[];

/** A verdict as it is called today; undefined for what is none. */
export function verdictNamed(text: string): VerdictName | undefined {
  return verdictMeanings.find((one: VerdictMeaning) => one.name === text || one.formerly === text)?.name;
}

/** An invalid measurement is never published. */
export type PublishedVerdict = Exclude<VerdictName, 'invalid'>;

export const publishedVerdicts = [
  'checked',
  'unchecked',
  'suspect',
] as const satisfies readonly PublishedVerdict[];

/** A figure is as good as the worst measurement that it rests on. */
export function worstVerdict(rests: readonly { readonly verdict: PublishedVerdict }[]): PublishedVerdict {
  const worst = Math.max(0, ...rests.map(({ verdict }) => publishedVerdicts.indexOf(verdict)));
  return publishedVerdicts[worst] ?? 'suspect';
}
