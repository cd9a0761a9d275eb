import type { ApiVerdict as VerdictName } from '../../../src/server/api.ts';

const looks: Readonly<
  Record<VerdictName, readonly [mark: string, kind: string, word: string, meaning: string]>
> = {
  valid: [
    '✓',
    'good',
    'checked',
    'nothing was found against it: the load generator kept up, so the times are the engine’s',
  ],
  unchecked: [
    '–',
    'quiet',
    'unchecked',
    'only the figures are known, and nothing that says how they were measured',
  ],
  suspect: ['!', 'warn', 'suspect', 'published, but something may have disturbed it'],
  invalid: ['✕', 'bad', 'invalid', 'not published: the numbers are not to be believed'],
};

/** How a verdict is called: where files say `valid`, people read that it was checked. */
export function verdictWord(verdict: VerdictName): string {
  return looks[verdict][2];
}

/** Whether a measurement can be trusted, by a mark and a word as well as by colour. */
export function Verdict({ verdict }: { readonly verdict: VerdictName }) {
  const [mark, kind, word, meaning] = looks[verdict];
  return (
    <span class={`badge ${kind}`} title={meaning}>
      <span aria-hidden="true">{mark}</span> {word}
    </span>
  );
}
