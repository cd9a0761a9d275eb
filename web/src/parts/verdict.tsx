import type { ApiVerdict as VerdictName } from '../../../src/server/api.ts';

const looks: Readonly<Record<VerdictName, readonly [mark: string, kind: string, meaning: string]>> = {
  valid: ['✓', 'good', 'the load generator kept up, so the times are the engine’s'],
  suspect: ['!', 'warn', 'published, but something may have disturbed it'],
  invalid: ['✕', 'bad', 'not published: the numbers are not to be believed'],
};

/** Whether a measurement can be trusted, by a mark and a word as well as by colour. */
export function Verdict({ verdict }: { readonly verdict: VerdictName }) {
  const [mark, kind, meaning] = looks[verdict];
  return (
    <span class={`badge ${kind}`} title={meaning}>
      <span aria-hidden="true">{mark}</span> {verdict}
    </span>
  );
}
