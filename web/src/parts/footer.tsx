import { isReport } from '../data/source.ts';
import { shownOf, useDocument } from '../data/use-loaded.ts';
import { age, moment, plural } from './format.ts';

/** How recent the measurements are, and how many there are. */
export function Footer() {
  const index = shownOf(useDocument('index'));
  return (
    <footer>
      <p>
        {index?.asOf != null && (
          <>
            Newest point: <time dateTime={index.asOf}>{moment(index.asOf)}</time> ({age(index.asOf)}) ·{' '}
            {plural(index.counts.points, 'point')}
            {index.counts.evals > 0 && ` and ${plural(index.counts.evals, 'score')}`} of{' '}
            {plural(index.counts.runs, 'run')}
            {index.publishedAt !== null && ` · published ${moment(index.publishedAt)}`}
            {isReport && ' · a report with its data inside'}
          </>
        )}
      </p>
      <p>
        {index && `${index.product.name} ${index.product.version} · `}every figure leads to the measurements
        behind it
      </p>
    </footer>
  );
}
