import { type Figure, figures, type MeasuredClient, round } from './targets.ts';

const shown: readonly Figure[] = [
  'chunks/s',
  'share of ideal rate %',
  'TTFT p99 error ms',
  'CPU-s per 1,000 requests',
];
const barHeight = 22;
const width = 640;
const labelWidth = 170;

/** Bars of the most important values by scenario and client, as one SVG. */
export function picture(results: ReadonlyMap<string, ReadonlyMap<string, MeasuredClient>>): string {
  const parts: string[] = [];
  let y = 24;
  for (const [scenario, clients] of results) {
    for (const figure of shown) {
      const values = [...clients].map(([name, measured]) => ({ name, value: figures[figure](measured) }));
      const most = Math.max(...values.map(({ value }) => value));
      if (!(most > 0)) continue;
      parts.push(`<text x="8" y="${y}" font-weight="bold">${scenario}: ${figure}</text>`);
      for (const { name, value } of values) {
        const bar = ((width - labelWidth - 90) * Math.max(0, value)) / most;
        const top = y + 6;
        parts.push(
          `<text x="8" y="${top + 15}">${name}</text>`,
          `<rect x="${labelWidth}" y="${top}" width="${bar.toFixed(1)}" height="${barHeight - 6}" fill="${name === 'ours' ? '#2563eb' : '#94a3b8'}"/>`,
          `<text x="${(labelWidth + bar + 6).toFixed(1)}" y="${top + 13}">${round(value)}</text>`,
        );
        y += barHeight;
      }
      y += 30;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/>${parts.join('')}</svg>\n`;
}
