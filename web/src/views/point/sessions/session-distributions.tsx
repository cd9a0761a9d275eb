import type { SessionsDocument } from '../../../../../src/server/api.ts';
import { Figure } from '../../../charts/figure.tsx';
import { HistogramPicture, histogramSteps } from '../../../charts/histogram-picture.tsx';
import type { FigureColumn } from '../../../parts/figures.ts';

type Name = keyof SessionsDocument['distributions'];

const known: readonly (readonly [Name, title: string, unit: string, of: string, factor: number])[] = [
  ['inputTokens', 'Input tokens', 'tokens', 'requests', 1],
  ['outputTokens', 'Output tokens', 'tokens', 'requests', 1],
  ['cachedShare', 'Share of the prompt from the cache', '%', 'requests', 100],
  ['turns', 'Measured turns of an agent', 'turns', 'agents', 1],
];

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** How long the prompts, replies and conversations of the measured phase were. */
export function SessionDistributions({ document }: { readonly document: SessionsDocument }) {
  return (
    <div class="grid">
      {known.map(([name, title, unit, of, factor]) => {
        const distribution = document.distributions[name];
        if (distribution === undefined) return null;
        const edges = distribution.edges.map((edge) => factor * edge);
        const { counts } = distribution;
        const total = counts.reduce((sum, count) => sum + count, 0);
        const histogram = { edges, counts, marks: [], unit };
        const columns: readonly FigureColumn<Bin>[] = [
          { key: `from (${unit})`, header: `Above (${unit})`, numeric: true, value: ({ from }) => from },
          { key: `to (${unit})`, header: `To (${unit})`, numeric: true, value: ({ to }) => to },
          { key: 'count', header: `Number of ${of}`, numeric: true, value: ({ count }) => count },
        ];
        return (
          <Figure
            key={name}
            topic="sessions"
            title={title}
            note={`${total.toLocaleString('en')} ${of}`}
            fileName={`${document.id.slice(0, 12)}_${name}`}
            columns={columns}
            rows={counts.map((count, index) => ({
              from: edges[index] ?? 0,
              to: edges[index + 1] ?? 0,
              count,
            }))}
            height={() => 230}
            steps={(size) => histogramSteps(histogram, size)}
            picture={(size, tokens) => (
              <HistogramPicture
                histogram={histogram}
                size={size}
                tokens={tokens}
                colour={tokens.accent}
                xLabel={`${title}, ${unit}`}
              />
            )}
          />
        );
      })}
    </div>
  );
}
