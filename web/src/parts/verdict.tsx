import { type VerdictName, verdictMeanings } from '../../../src/derived/verdicts.ts';

const looks: Readonly<Record<VerdictName, readonly [mark: string, kind: string]>> = {
  checked: ['✓', 'good'],
  unchecked: ['–', 'quiet'],
  suspect: ['!', 'warn'],
  invalid: ['✕', 'bad'],
};

/** How far a measurement can be trusted, shown by a sign and a word as well as by colour. */
export function Verdict({ verdict }: { readonly verdict: VerdictName }) {
  const [mark, kind] = looks[verdict];
  const meaning = verdictMeanings.find(({ name }) => name === verdict)?.means;
  return (
    <span class={`badge ${kind}`} title={meaning}>
      <span aria-hidden="true">{mark}</span> {verdict}
    </span>
  );
}
