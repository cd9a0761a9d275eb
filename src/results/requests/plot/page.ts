import type { RequestRecord } from '../../../load/index.ts';
import { escaped, figure } from './chart.ts';
import { figuresOf } from './figures.ts';

/** A page that draws one run and needs nothing else: no script, no style and no font from elsewhere. */
export function requestsPage(name: string, records: readonly RequestRecord[]): string {
  const times = records.flatMap(({ due_time, start_time }) => due_time ?? start_time ?? []);
  const ends = records.flatMap(({ end_time }) => end_time ?? []);
  const originS = times.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
  const endS = ends.reduce((most, one) => Math.max(most, one), originS);
  const failed = records.filter(({ state }) => state === 'failed').length;
  const spanS = endS - originS;
  const hasTimes = Number.isFinite(spanS) && spanS > 0;
  const facts = [
    `${figure(records.length)} requests`,
    ...(failed > 0 ? [`${figure(failed)} failed`] : []),
    ...(hasTimes ? [`${figure(spanS)} s from ${new Date(1000 * originS).toISOString().slice(0, 19)}Z`] : []),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(name)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(name)}</h1>
<p>${escaped(facts.join(', '))}</p>
<main>
${hasTimes ? figuresOf({ records, originS, endS }) : '<p>No request was sent, so there is nothing to draw.</p>'}
</main>
</body>
</html>
`;
}

const style = `
:root{--back:#fff;--text:#1c2430;--quiet:#566071;--grid:#e3e7ed;--blue:#1f6fd0;--orange:#d9730d;--red:#c62f2f;--grey:#9aa3b0}
@media(prefers-color-scheme:dark){:root{--back:#12161d;--text:#e7ebf1;--quiet:#a3adbb;--grid:#2a313c;--blue:#5aa2f5;--orange:#f0a04b;--red:#f0716b;--grey:#6c7787}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1400px;padding:16px;background:var(--back);color:var(--text);font:15px/1.5 system-ui,sans-serif}
h1{font-size:20px;margin:0;overflow-wrap:anywhere}
p{margin:2px 0 12px;color:var(--quiet)}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:20px}
figure{margin:0;min-width:0}
figcaption{font-weight:600}
figure p{font-size:13px;margin:0}
svg{display:block;width:100%;height:auto}
svg text{font-size:10.5px;fill:var(--quiet)}
.grid{stroke:var(--grid)}
.area,.bars{fill:var(--blue)}
.area{fill-opacity:.6}
.dots{fill:var(--blue);fill-opacity:.55}
.waiting{stroke:var(--orange)}.receiving{stroke:var(--blue)}.failed{stroke:var(--red)}.late{stroke:var(--grey)}
.mark{stroke:var(--orange);stroke-dasharray:3 2}
`;
