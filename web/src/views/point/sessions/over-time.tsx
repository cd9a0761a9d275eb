import type { SessionsDocument } from '../../../../../src/server/api.ts';
import { Figure } from '../../../charts/figure.tsx';
import type { LinePoint } from '../../../charts/line-picture.tsx';
import { LinesPicture, linesSteps, type OneOfLines } from '../../../charts/lines-picture.tsx';
import type { FigureColumn } from '../../../parts/figures.ts';
import { percent, quantity, shortNumber } from '../../../parts/format.ts';
import { ColourKey } from './colour-key.tsx';

/** Cache hits, requests in flight and use of the KV cache, over the measured phase. */
export function OverTime({ document }: { readonly document: SessionsDocument }) {
  const { id, overTime, kvUse } = document;
  const { intervalS } = overTime;
  const inIntervals = (values: readonly (number | null)[]): readonly LinePoint[] =>
    values.map((y, index) => ({ x: (index + 0.5) * intervalS, y }));
  const asPercent = (values: readonly (number | null)[]) =>
    values.map((value) => (value === null ? null : 100 * value));
  const intervals = `in intervals of ${quantity(shortNumber(intervalS), 's')}`;
  return (
    <div class="grid">
      <LinesFigure
        title="Cache hits, ideal and achieved"
        note={`% of the prompts sent ${intervals}`}
        fileName={`${id.slice(0, 12)}_cache_hits`}
        unit="%"
        lines={[
          {
            name: 'achieved',
            colour: ({ accent }) => accent,
            points: inIntervals(asPercent(overTime.cachedShare)),
          },
          {
            name: 'ideal',
            colour: ({ ink }) => ink,
            dash: '5 4',
            points: inIntervals(asPercent(overTime.idealShare)),
          },
        ]}
      />
      <LinesFigure
        title="Requests in flight"
        note={`mean ${intervals}`}
        fileName={`${id.slice(0, 12)}_in_flight`}
        unit=""
        lines={[
          { name: 'in flight', colour: ({ accent }) => accent, points: inIntervals(overTime.inFlight) },
        ]}
      />
      {kvUse !== null && (
        <LinesFigure
          title="KV cache in use"
          note="% of the cache, by the engine’s own metrics"
          fileName={`${id.slice(0, 12)}_kv_cache`}
          unit="%"
          lines={[
            {
              name: 'in use',
              colour: ({ accent }) => accent,
              points: kvUse.atS.map((x, index) => {
                const share = kvUse.share[index] ?? null;
                return { x, y: share === null ? null : 100 * share };
              }),
            },
          ]}
        />
      )}
    </div>
  );
}

interface LinesFigureProps {
  readonly title: string;
  readonly note: string;
  readonly fileName: string;
  readonly unit: '%' | '';
  readonly lines: readonly OneOfLines[];
}

interface Row {
  readonly atS: number;
  readonly values: readonly (number | null)[];
}

function LinesFigure({ title, note, fileName, unit, lines }: LinesFigureProps) {
  const [first] = lines;
  const rows = (first?.points ?? []).map(
    ({ x }, index): Row => ({ atS: x, values: lines.map(({ points }) => points[index]?.y ?? null) }),
  );
  const columns: readonly FigureColumn<Row>[] = [
    { key: 'at_s', header: 'At (s)', numeric: true, value: ({ atS }) => atS },
    ...lines.map(({ name }, index): FigureColumn<Row> => {
      const header = unit === '' ? name : `${name} (${unit})`;
      return { key: header, header, numeric: true, value: ({ values }) => values[index] ?? null };
    }),
  ];
  const inWords = (y: number | null): string => {
    if (y === null) return 'none';
    return unit === '%' ? percent(y / 100) : shortNumber(y);
  };
  return (
    <Figure
      topic="sessions"
      title={title}
      note={note}
      fileName={fileName}
      columns={columns}
      rows={rows}
      height={() => 220}
      steps={(size) =>
        linesSteps(lines, size, 'intervals', {
          title: (x) => `at ${quantity(shortNumber(x), 's')}`,
          value: inWords,
        })
      }
      picture={(size, tokens) => (
        <LinesPicture
          lines={lines}
          size={size}
          tokens={tokens}
          xLabel="s"
          yLabel={unit === '' ? 'requests' : unit}
        />
      )}
      below={lines.length > 1 && <ColourKey entries={lines} />}
    />
  );
}
