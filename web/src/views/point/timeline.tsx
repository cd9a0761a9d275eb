import type { PointDocument } from '../../../../src/server/api.ts';
import { Figure } from '../../charts/figure.tsx';
import { LinePicture, type LinePoint, lineSteps } from '../../charts/line-picture.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { quantity, shortNumber, withUnit } from '../../parts/format.ts';

/** What was sampled while the point ran: one chart per quantity, all over the same seconds. */
export function Timeline({ point }: { readonly point: PointDocument }) {
  const { timeline, powerOverTime } = point;
  const tracks = [
    ...(timeline === null
      ? []
      : timeline.tracks.map((track) => ({ ...track, fromS: 0, intervalS: timeline.intervalS }))),
    ...(powerOverTime === null
      ? []
      : [{ name: 'power_w', unit: 'W', values: powerOverTime.watts, ...powerOverTime }]),
  ];
  if (tracks.length === 0) return null;
  return (
    <div class="grid">
      {tracks.map(({ name, unit, values, fromS, intervalS }) => {
        // The figure of an interval is drawn at its middle.
        const samples = values.map((y, index): LinePoint => ({ x: fromS + (index + 0.5) * intervalS, y }));
        const title = titles[name] ?? name.replaceAll('_', ' ');
        return (
          <Figure
            topic="power"
            key={name}
            title={`${title} over the run`}
            note={`${unit}, in intervals of ${quantity(shortNumber(intervalS), 's')} from the first send on`}
            fileName={`${point.id.slice(0, 12)}_${name}`}
            columns={columnsOf(name, unit)}
            rows={samples}
            height={() => 200}
            steps={(size) =>
              lineSteps(samples, size, 'intervals', ({ x, y }) => ({
                title: `${shortNumber(x - intervalS / 2)} to ${quantity(shortNumber(x + intervalS / 2), 's')}`,
                rows: [[title, y === null ? 'none' : withUnit(y, unit)]],
              }))
            }
            picture={(size, tokens) => (
              <LinePicture
                points={samples}
                size={size}
                tokens={tokens}
                colour={tokens.accent}
                xLabel="s"
                yLabel={unit}
              />
            )}
          />
        );
      })}
    </div>
  );
}

const titles: Readonly<Record<string, string>> = {
  output_throughput: 'Output throughput',
  request_throughput: 'Requests finished',
  in_flight: 'Requests in flight',
  failed: 'Failed requests',
  median_ttft_ms: 'Median TTFT',
  median_tpot_ms: 'Median TPOT',
  power_w: 'Power',
};

function columnsOf(name: string, unit: string): readonly FigureColumn<LinePoint>[] {
  return [
    { key: 'at_s', header: 'At (s)', numeric: true, value: ({ x }) => x },
    { key: `${name} (${unit})`, header: `${name} (${unit})`, numeric: true, value: ({ y }) => y },
  ];
}
