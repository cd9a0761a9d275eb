/**
 * Draws the preview image of shared links, `web/public/og.png`, with the tests' browser:
 *
 *   node scripts/make-link-picture.ts
 *
 * It shows the icon's curves without figures, because a site's figures are in its description.
 */
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.ts';
import { openBrowser } from '../test/support/browser.ts';

const size = { width: 1200, height: 630 };

/** Curves with the shape of the icon, from top to bottom. */
const curves = [
  { colour: '#1f5fbf', top: 150 },
  { colour: '#2f8f6b', top: 225 },
  { colour: '#c8702a', top: 300 },
].map(({ colour, top }) => {
  const right = 1090 - (top - 150) * 0.6;
  return `<path d="M660,${top}C${right - 190},${top} ${right - 60},${top + 90} ${right},520" fill="none" stroke="${colour}" stroke-width="7" stroke-linecap="round"/>`;
});

const page = `<!doctype html>
<style>body { margin: 0 }</style>
<svg width="${size.width}" height="${size.height}" font-family="system-ui, sans-serif">
<rect width="100%" height="100%" fill="#f6f8fb"/>
<g stroke="#c3ccd8" stroke-width="2"><path d="M640,110V540H1130" fill="none"/></g>
<g font-size="22" fill="#5a6675"><text x="640" y="92">tokens per second per GPU</text><text x="1130" y="578" text-anchor="end">tokens per second of one user</text></g>
${curves.join('\n')}
<svg x="72" y="120" width="72" height="72" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f5fbf"/><path d="M3 12C6 12 6 5 13 4" fill="none" stroke="#fff" stroke-width="2"/></svg>
<text x="72" y="278" font-size="62" font-weight="700" fill="#17202b">InferenceMAX</text>
<g font-size="32" fill="#3c4856"><text x="72" y="346">LLM inference, measured:</text><text x="72" y="392">throughput, cost and power</text><text x="72" y="438">at the speed your users need</text></g>
</svg>`;

const browser = await openBrowser();
try {
  const drawing = await browser.newPage({ viewport: size });
  await drawing.setContent(page);
  await drawing.screenshot({ path: join(packageRoot, 'web', 'public', 'og.png') });
} finally {
  await browser.close();
}
