/** The name of a verdict and its meaning. */
interface VerdictMeaning {
  /** The name in files, the API, the commands and on the page. */
  readonly name: string;
  readonly means: string;
  /** The name in files of earlier versions. */
  readonly formerly?: string;
}

/** How far a measurement can be trusted, best first. */
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

/** Finds a verdict by its current or former name; undefined if unknown. */
export function verdictNamed(text: string): VerdictName | undefined {
  return verdictMeanings.find((one: VerdictMeaning) => one.name === text || one.formerly === text)?.name;
}

/** The verdict of a published measurement; invalid ones are never published. */
export type PublishedVerdict = Exclude<VerdictName, 'invalid'>;

export const publishedVerdicts = [
  'checked',
  'unchecked',
  'suspect',
] as const satisfies readonly PublishedVerdict[];

/** The worst verdict of the measurements on which a figure is based. */
export function worstVerdict(rests: readonly { readonly verdict: PublishedVerdict }[]): PublishedVerdict {
  const worst = Math.max(0, ...rests.map(({ verdict }) => publishedVerdicts.indexOf(verdict)));
  return publishedVerdicts[worst] ?? 'suspect';
}
