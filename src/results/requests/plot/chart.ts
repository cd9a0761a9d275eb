/** The size of a chart in its own units; the page scales it. */
export const size = { width: 420, height: 240 } as const;
const margin = { left: 52, right: 12, top: 10, bottom: 36 } as const;

/** A linear axis from its lowest to its highest value. */
export interface FigureAxis {
  readonly label: string;
  readonly low: number;
  readonly high: number;
}

/** An axis from 0 that contains all values; 0 to 1 without any. */
export function axisOf(label: string, values: Iterable<number>): FigureAxis {
  let high = 0;
  for (const value of values) if (value > high) high = value;
  return { label, low: 0, high: high === 0 ? 1 : high };
}

export function placeX({ low, high }: FigureAxis, value: number): number {
  return short(margin.left + ((value - low) / (high - low)) * (size.width - margin.left - margin.right));
}

export function placeY({ low, high }: FigureAxis, value: number): number {
  const bottom = size.height - margin.bottom;
  return short(bottom - ((value - low) / (high - low)) * (bottom - margin.top));
}

/** A figure with a title, its marks, both axes and what it shows in words. */
export function chart(
  title: string,
  axes: { readonly x: FigureAxis; readonly y?: FigureAxis },
  marks: string,
  note = '',
): string {
  const { x, y } = axes;
  const bottom = size.height - margin.bottom;
  const xTicks = ticks(x).map((value) => {
    const at = placeX(x, value);
    return `<line class="grid" x1="${at}" y1="${margin.top}" x2="${at}" y2="${bottom}"/><text x="${at}" y="${bottom + 13}" text-anchor="middle">${figure(value)}</text>`;
  });
  const yTicks = (y === undefined ? [] : ticks(y)).map((value) => {
    const at = y === undefined ? 0 : placeY(y, value);
    return `<line class="grid" x1="${margin.left}" y1="${at}" x2="${size.width - margin.right}" y2="${at}"/><text x="${margin.left - 5}" y="${at + 3}" text-anchor="end">${figure(value)}</text>`;
  });
  const middle = (margin.left + size.width - margin.right) / 2;
  const yLabel =
    y === undefined
      ? ''
      : `<text class="label" transform="translate(11 ${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`;
  return `<figure>
<figcaption>${escaped(title)}</figcaption>
<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(title)}">
${[...xTicks, ...yTicks].join('\n')}
${marks}
<text class="label" x="${middle}" y="${size.height - 5}" text-anchor="middle">${escaped(x.label)}</text>
${yLabel}
</svg>
${note === '' ? '' : `<p>${escaped(note)}</p>`}
</figure>`;
}

/** Round numbers along an axis, about five. */
export function ticks({ low, high }: FigureAxis): number[] {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** A number with as many digits as a reader needs. */
export function figure(value: number): string {
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)));
}

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}

function short(value: number): number {
  return Math.round(value * 10) / 10;
}
