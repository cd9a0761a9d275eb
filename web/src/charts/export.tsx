import { render, type VNode } from 'preact';
import type { Tokens } from '../theme/tokens.ts';
import { fontFamily } from './axes.tsx';
import { type LegendItem, SwatchMark } from './legend.tsx';
import { type Size, textWidth } from './size.ts';

/** Width of an exported chart: enough for a slide, and independent of the window's size. */
export const exportWidth = 1000;

interface Exported {
  readonly title: string;
  readonly note: string;
  readonly legend: readonly LegendItem[];
  readonly tokens: Tokens;
  readonly chart: VNode;
  readonly size: Size;
}

/** A self-contained picture: title, legend, chart and its address. */
export function svgOf({ title, note, legend, tokens, chart, size }: Exported): string {
  const margin = 24;
  const rows = legendRows(legend, size.width);
  const top = margin + 56 + rows.length * 20;
  const [width, height] = [size.width + 2 * margin, top + size.height + 44];
  const place = document.createElement('div');
  render(
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      font-family={fontFamily}
    >
      <title>{title}</title>
      <rect width={width} height={height} fill={tokens.surface} />
      <text x={margin} y={margin + 18} font-size="20" font-weight="650" fill={tokens.ink}>
        {title}
      </text>
      <text x={margin} y={margin + 40} font-size="13" fill={tokens.muted}>
        {note}
      </text>
      {rows.flatMap((row, line) =>
        row.map(({ item, x }) => (
          <g key={item.key} transform={`translate(${margin + x},${margin + 52 + line * 20})`}>
            <SwatchMark look={item.look} />
            <text x="34" y="10" font-size="12" fill={tokens.ink}>
              {item.name}
            </text>
          </g>
        )),
      )}
      <g transform={`translate(${margin},${top})`}>{chart}</g>
      <text x={margin} y={height - 14} font-size="11" fill={tokens.muted}>
        InferenceMAX · {sourceAddress()}
      </text>
    </svg>,
    place,
  );
  const picture = place.querySelector('svg');
  const text = picture === null ? '' : new XMLSerializer().serializeToString(picture);
  render(null, place);
  return text;
}

/** The same picture as pixels, twice the size for sharp text. */
export async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width * 2;
    canvas.height = image.height * 2;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) =>
        blob === null ? reject(new Error('the picture is too large')) : resolve(blob),
      ),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Downloads a file. */
export function download(name: string, content: Blob | string, type = 'text/plain'): void {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type }) : content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function legendRows(legend: readonly LegendItem[], width: number) {
  const rows: { readonly item: LegendItem; readonly x: number }[][] = [];
  let x = Number.POSITIVE_INFINITY;
  for (const item of legend) {
    const needed = 34 + textWidth(item.name, 12) + 24;
    if (x + needed > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ item, x });
    x += needed;
  }
  return rows;
}

/** The address of the view if others can open it; never a path on the reader's disk. */
function sourceAddress(): string {
  return location.protocol === 'file:' ? `report ${location.hash}` : location.href;
}
