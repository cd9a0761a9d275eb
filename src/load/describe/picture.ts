import type { TraceDescription } from './description.ts';

const width = 960;
const panel = { width: 440, height: 190 } as const;
const plot = { left: 52, top: 30, right: 12, bottom: 34 } as const;

/** One value of a panel, from 0 to 1 in both directions of its plot. */
interface Mark {
  readonly from: number;
  readonly to: number;
  readonly height: number;
  /** Shown while the pointer is over it. */
  readonly title: string;
}

interface Panel {
  readonly title: string;
  readonly marks: readonly Mark[];
  readonly kind: 'bars' | 'line';
  /** Labels below the plot with their places, and of the top of the plot. */
  readonly below: readonly { readonly at: number; readonly text: string }[];
  readonly top: string;
}

/** A description as one SVG image without references to anything outside. */
export function traceAsSvg(description: TraceDescription, name: string): string {
  const panels = [
    lengthsPanel('Prompt lengths in tokens', description.input.histogram),
    lengthsPanel('Reply lengths in tokens', description.output.histogram),
    hitsPanel(description),
    arrivalsPanel(description),
  ];
  const rows = Math.ceil(panels.length / 2);
  const height = 56 + rows * (panel.height + 20);
  const requests = description.requests.toLocaleString('en-US');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#333">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(20, 32, `${name}: ${requests} requests`, 'font-size="18" font-weight="600"'),
    ...panels.map((one, index) =>
      group(20 + (index % 2) * (panel.width + 40), 52 + Math.floor(index / 2) * (panel.height + 20), one),
    ),
    '</svg>',
    '',
  ].join('\n');
}

/** The same as a page. */
export function traceAsHtml(description: TraceDescription, name: string, words: string): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escaped(name)}</title></head>`,
    '<body style="margin: 1rem auto; max-width: 60rem">',
    traceAsSvg(description, name),
    `<pre style="padding: 0 1.25rem">${escaped(words)}</pre>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function lengthsPanel(title: string, { edges, counts }: TraceDescription['input']['histogram']): Panel {
  const most = Math.max(1, ...counts);
  return {
    title,
    kind: 'bars',
    top: most.toLocaleString('en-US'),
    marks: counts.map((count, index) => ({
      from: index / counts.length,
      to: (index + 1) / counts.length,
      height: count / most,
      title: `${short((edges[index] ?? 0) + 1)} to ${short(edges[index + 1] ?? 0)} tokens: ${count.toLocaleString('en-US')}`,
    })),
    below: spread(edges.length, (index) => short(edges[index] ?? 0)),
  };
}

function hitsPanel({ idealHits: { byCacheSize, blockTokens } }: TraceDescription): Panel {
  const at = (index: number): number => (byCacheSize.length < 2 ? 0 : index / (byCacheSize.length - 1));
  return {
    title: `Ideal prefix cache hits by cache size in tokens (blocks of ${blockTokens})`,
    kind: 'line',
    top: '100 %',
    marks: byCacheSize.map(({ cacheTokens, share }, index) => ({
      from: at(index),
      to: at(index),
      height: share ?? 0,
      title: `${short(cacheTokens)} tokens: ${(100 * (share ?? 0)).toFixed(1)} %`,
    })),
    below: spread(byCacheSize.length, (index) => short(byCacheSize[index]?.cacheTokens ?? 0)),
  };
}

function arrivalsPanel({ arrivals, prefixes }: TraceDescription): Panel {
  if (arrivals === null) {
    const most = Math.max(1, ...prefixes.largest.map(({ requests }) => requests));
    const { largest } = prefixes;
    return {
      title: 'Prompts with a common beginning, by its length in tokens',
      kind: 'bars',
      top: most.toLocaleString('en-US'),
      marks: largest.map(({ tokens, requests }, index) => ({
        from: index / largest.length,
        to: (index + 1) / largest.length,
        height: requests / most,
        title: `${short(tokens)} tokens: ${requests.toLocaleString('en-US')} prompts`,
      })),
      below: largest.map(({ tokens }, index) => ({
        at: (index + 0.5) / largest.length,
        text: short(tokens),
      })),
    };
  }
  const { intervalS, counts } = arrivals.perInterval;
  const most = Math.max(1, ...counts);
  return {
    title: `Requests per ${intervalS === 1 ? 'second' : `${intervalS} s`}`,
    kind: 'bars',
    top: most.toLocaleString('en-US'),
    marks: counts.map((count, index) => ({
      from: index / counts.length,
      to: (index + 1) / counts.length,
      height: count / most,
      title: `from ${index * intervalS} s: ${count.toLocaleString('en-US')}`,
    })),
    below: spread(counts.length + 1, (index) => `${index * intervalS} s`),
  };
}

const mostLabels = 6;

/** Labels for some of `count` equally distant places. */
function spread(count: number, label: (index: number) => string): Panel['below'] {
  const step = Math.max(1, Math.ceil((count - 1) / (mostLabels - 1)));
  const labels: { at: number; text: string }[] = [];
  for (let index = 0; index < count; index += step)
    labels.push({ at: count < 2 ? 0 : index / (count - 1), text: label(index) });
  return labels;
}

function group(x: number, y: number, { title, marks, kind, below, top }: Panel): string {
  const inner = {
    width: panel.width - plot.left - plot.right,
    height: panel.height - plot.top - plot.bottom,
  };
  const place = (at: number): number => round(plot.left + at * inner.width);
  const level = (height: number): number => round(plot.top + (1 - height) * inner.height);
  const base = level(0);
  const drawn =
    kind === 'bars'
      ? marks.map(
          ({ from, to, height, title: told }) =>
            `<rect x="${place(from)}" y="${level(height)}" width="${round(Math.max(0.5, place(to) - place(from) - 1))}" height="${round(base - level(height))}" fill="#3b6ea8"><title>${escaped(told)}</title></rect>`,
        )
      : [
          `<polyline points="${marks.map(({ from, height }) => `${place(from)},${level(height)}`).join(' ')}" fill="none" stroke="#3b6ea8" stroke-width="2"/>`,
          ...marks.map(
            ({ from, height, title: told }) =>
              `<circle cx="${place(from)}" cy="${level(height)}" r="4" fill="#3b6ea8"><title>${escaped(told)}</title></circle>`,
          ),
        ];
  return [
    `<g transform="translate(${x},${y})">`,
    text(0, 14, title, 'font-weight="600"'),
    `<path d="M${place(0)} ${level(1)}V${base}H${place(1)}" fill="none" stroke="#999"/>`,
    text(plot.left - 6, level(1) + 4, top, 'text-anchor="end"'),
    text(plot.left - 6, base, '0', 'text-anchor="end"'),
    ...drawn,
    ...below.map(({ at, text: label }) => text(place(at), base + 16, label, 'text-anchor="middle"')),
    '</g>',
  ].join('\n');
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(content)}</text>`;
}

/** 1,500,000 as 1.5M. */
function short(value: number): string {
  const units = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  const [size, unit] = units.find(([least]) => value >= least) ?? [1, ''];
  return `${Number((value / size).toPrecision(3))}${unit}`;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function escaped(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
