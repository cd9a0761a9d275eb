import { type AnswerCandidate, serverKey } from '../../../../src/derived/candidate.ts';
import type { PointDocument } from '../../../../src/server/api.ts';
import type { PointCandidate } from '../../data/candidates.ts';

type Published = NonNullable<PointDocument['published']>;

/** The point of a page as a candidate for answers, with all digits. */
export function candidateOfDocument(document: PointDocument, published: Published): AnswerCandidate {
  const { series, layout, image, version, conc, gpus, metrics, intervals } = published;
  return {
    id: document.id,
    hw: series.hw,
    precision: series.precision,
    conc,
    version,
    gpus,
    // Invalid points are not published.
    verdict: document.verdict === 'invalid' ? 'suspect' : document.verdict,
    measuredAtS: Date.parse(document.measuredAt) / 1000,
    server: serverKey([series.key, layout], { image, run: document.runId }),
    metric: (name) => metrics[name] ?? null,
    interval: (name) => intervals[name] ?? null,
  };
}

/** The next lower and the next higher concurrency of the same configuration, in their newest measurements. */
export interface Neighbours {
  readonly below: PointCandidate | undefined;
  readonly above: PointCandidate | undefined;
}

export function neighboursOf(
  {
    id,
    conc,
    supersededBy,
  }: { readonly id: string; readonly conc: number; readonly supersededBy: string | null },
  latest: readonly PointCandidate[],
): Neighbours {
  const newest = latest.find((one) => one.id === (supersededBy ?? id));
  if (newest === undefined) return { below: undefined, above: undefined };
  const server = layoutKey(newest);
  const same = latest.filter((one) => layoutKey(one) === server).toSorted((a, b) => a.conc - b.conc);
  return {
    below: same.findLast((one) => one.conc < conc),
    above: same.find((one) => one.conc > conc),
  };
}

/** Everything that was requested except the concurrency. */
function layoutKey({ point: { series, layout, fields } }: PointCandidate): string {
  return JSON.stringify([series.key, layout, fields]);
}
