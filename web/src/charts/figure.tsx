import type { ComponentChildren, VNode } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { shownOf, useLoaded } from '../data/use-loaded.ts';
import { About } from '../parts/about.tsx';
import { csvOf, type FigureColumn } from '../parts/figures.ts';
import type { Topic } from '../parts/topics.ts';
import { useTheme } from '../theme/theme.ts';
import type { Tokens } from '../theme/tokens.ts';
import { download, exportWidth, pngOf, svgOf } from './export.tsx';
import type { LegendItem } from './legend.tsx';
import { type Size, useNear, useWidth } from './size.ts';
import { SteppedChart } from './stepped-chart.tsx';
import type { Steps } from './steps.ts';

interface FigureProps<Row extends object> {
  /** Exactly what is shown. */
  readonly title: string;
  /** A line under the title: what the figures are of. */
  readonly note: string;
  /** The topic of the documentation that explains it. */
  readonly topic: Topic;
  readonly fileName: string;
  /** The figures behind the chart: for the table, and for the CSV file with every digit. */
  readonly columns: readonly FigureColumn<Row>[];
  readonly rows: readonly Row[];
  readonly height: (width: number) => number;
  readonly legend?: readonly LegendItem[];
  /** The chart as elements only, for exported pictures and for charts without interaction. */
  picture(size: Size, tokens: Tokens): VNode;
  /** Elements of the picture that pointer and keys go through. */
  steps?(size: Size): Steps;
  /** The interactive chart, if it differs from the picture. */
  chart?(size: Size, tokens: Tokens): VNode;
  /** Below the chart, such as what its marks mean. */
  readonly below?: ComponentChildren;
  readonly headingLevel?: 2 | 3;
  idOf?(row: Row): string;
}

/** A chart with its title, its figures as a table, and exports. Its height is known before it is drawn. */
export function Figure<Row extends object>(props: FigureProps<Row>) {
  const {
    title,
    note,
    topic,
    fileName,
    columns,
    rows,
    height,
    legend = [],
    picture,
    steps,
    chart,
    headingLevel = 2,
  } = props;
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const isNear = useNear(place);
  const { tokens } = useTheme();
  const [tableShown, setTableShown] = useState(false);
  // Most charts are read without their table, so its code is fetched when it is first opened.
  const DataTable = shownOf(
    useLoaded(tableShown ? 'table' : undefined, async () => ({
      Table: (await import('../parts/data-table.tsx')).DataTable,
    })),
  )?.Table;
  const tall = height(width || 600);
  const size = useMemo(() => ({ width, height: tall }), [width, tall]);
  const isDrawn = width > 0 && isNear;
  // The picture is drawn again only if its figures change.
  const drawn = useMemo(() => {
    if (!isDrawn) return null;
    if (chart !== undefined) return chart(size, tokens);
    if (steps !== undefined)
      return (
        <SteppedChart steps={steps(size)} tokens={tokens} label={`${title}. ${note}`}>
          {picture(size, tokens)}
        </SteppedChart>
      );
    return (
      <svg width={size.width} height={size.height} role="img" aria-label={`${title}. ${note}`}>
        {picture(size, tokens)}
      </svg>
    );
  }, [isDrawn, size, tokens, chart, steps, picture, title, note]);
  const Heading = `h${headingLevel}` as const;
  const asSvg = () => {
    const exported = { width: exportWidth, height: height(exportWidth) };
    return svgOf({ title, note, legend, tokens, size: exported, chart: picture(exported, tokens) });
  };
  return (
    <figure class="figure" aria-label={title}>
      <figcaption>
        <div>
          <div class="figure-title">
            <Heading>{title}</Heading> <About topic={topic} of={title} />
          </div>
          <p class="quiet">{note}</p>
        </div>
        <fieldset class="figure-actions" aria-label={`Take this figure along: ${title}`}>
          <button type="button" aria-pressed={tableShown} onClick={() => setTableShown(!tableShown)}>
            Table
          </button>
          <button type="button" onClick={() => download(`${fileName}.csv`, csvOf(columns, rows), 'text/csv')}>
            CSV
          </button>
          <button type="button" onClick={() => download(`${fileName}.svg`, asSvg(), 'image/svg+xml')}>
            SVG
          </button>
          <button
            type="button"
            onClick={() => void pngOf(asSvg()).then((png) => download(`${fileName}.png`, png))}
          >
            PNG
          </button>
        </fieldset>
      </figcaption>
      <div ref={place} class="figure-place" style={{ height: `${tall}px` }}>
        {drawn}
      </div>
      {props.below}
      {tableShown && DataTable && (
        <DataTable
          caption={`The figures of: ${title}. ${note}`}
          columns={columns}
          rows={rows}
          {...idProp(props)}
        />
      )}
    </figure>
  );
}

function idProp<Row extends object>({ idOf }: FigureProps<Row>) {
  return idOf === undefined ? {} : { idOf };
}
