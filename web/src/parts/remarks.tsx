import type { IndexDocument } from '../../../src/server/api.ts';
import { decimals } from './format.ts';

interface RemarksProps {
  readonly shape: Pick<IndexDocument['shapes'][number], 'points' | 'remarks'>;
}

/** What a reader must know about the source of the points of a model and workload. */
export function Remarks({ shape: { points: all, remarks } }: RemarksProps) {
  return (
    <>
      {remarks.map(({ source, remark, points }) => (
        <p key={source} class="quiet remark" data-remark={source}>
          {points === all ? 'All points' : `Some points (${decimals(points, 0)} of ${decimals(all, 0)})`} are{' '}
          {remark}.
        </p>
      ))}
    </>
  );
}
