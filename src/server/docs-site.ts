import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Marked } from 'marked';
import { packageRoot } from '../package-root.ts';
import { escaped } from './html-text.ts';
import { textPolicy, withPolicy } from './http/page-policy.ts';

const folder = join(packageRoot, 'docs');

/** A falling curve, as on the dashboard. */
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%231f5fbf'/%3E%3Cpath d='M3 12C6 12 6 5 13 4' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E";

/** A page of the documentation. */
export interface DocsPage {
  /** The name of its file on the site, such as `metrics.html`. */
  readonly file: string;
  readonly title: string;
  readonly html: string;
}

/** Every page of `docs/` as HTML without scripts: first `index.md`, then the others by title. */
export async function docsPages(): Promise<DocsPage[]> {
  const files = await readdir(folder);
  const names = files.filter((name) => name.endsWith('.md'));
  const pictures = new Map(
    await Promise.all(
      files
        .filter((name) => name.endsWith('.svg'))
        .map(async (name) => [name, await readFile(join(folder, name), 'base64')] as const),
    ),
  );
  const sources = await Promise.all(
    names.map(async (name) => ({ name, markdown: await readFile(join(folder, name), 'utf8') })),
  );
  const pages = sources
    .map(({ name, markdown }) => ({ file: asHtml(name), title: titleOf(markdown), markdown }))
    .toSorted((a, b) => rank(a.file) - rank(b.file) || a.title.localeCompare(b.title));
  return pages.map(({ file, title, markdown }) => ({
    file,
    title,
    html: page(file, markdown, { pages, pictures }),
  }));
}

const rank = (file: string) => (file === 'index.html' ? 0 : 1);
const asHtml = (name: string) => name.replace(/\.md$/, '.html');

function titleOf(markdown: string): string {
  return /^# (.+)$/m.exec(markdown)?.[1] ?? 'InferenceMAX';
}

/** What every page needs: the list of all pages, and the pictures of the folder in base64. */
interface DocsSite {
  readonly pages: readonly { readonly file: string; readonly title: string }[];
  readonly pictures: ReadonlyMap<string, string>;
}

function page(file: string, markdown: string, { pages, pictures }: DocsSite): string {
  const links = pages
    .map((one) => {
      const current = one.file === file ? ' aria-current="page"' : '';
      return `<li><a href="${one.file}"${current}>${escaped(one.title)}</a></li>`;
    })
    .join('');
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(titleOf(markdown))} · InferenceMAX</title>
<link rel="icon" href="${icon}">
<style>${style}</style>
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<header><a href="../">InferenceMAX</a></header>
<div class="columns">
<nav aria-label="Documentation"><ul>${links}</ul></nav>
<main id="text">${bodyOf(markdown, pictures)}</main>
</div>
</body>
</html>
`;
  return withPolicy(html, textPolicy);
}

/**
 * Converts Markdown to HTML: links between files become links between pages, headings get anchors, pictures are part of
 * the page, and wide tables and code scroll.
 */
function bodyOf(markdown: string, pictures: ReadonlyMap<string, string>): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens);
        const id = text
          .replaceAll(/<[^>]+>/g, '')
          .replaceAll(/&#?\w+;/g, '')
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/g, '-')
          .replaceAll(/^-|-$/g, '');
        return `<h${depth} id="${id}">${text}</h${depth}>\n`;
      },
      code({ text, lang }) {
        return `<pre tabindex="0"><code class="language-${escaped((lang ?? '').split(' ')[0] ?? '')}">${escaped(text)}</code></pre>\n`;
      },
      image({ href, text }) {
        const picture = pictures.get(href);
        const source = picture === undefined ? href : `data:image/svg+xml;base64,${picture}`;
        return `<img src="${escaped(source)}" alt="${escaped(text)}">`;
      },
      link({ href, tokens }) {
        const target = /^[\w-]+\.md(#.*)?$/.test(href) ? href.replace('.md', '.html') : href;
        return `<a href="${escaped(target)}">${this.parser.parseInline(tokens)}</a>`;
      },
    },
  });
  const html = marked.parse(markdown, { async: false });
  return html
    .replaceAll('<table>', '<div class="wide" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>');
}

const style = `
:root{color-scheme:light dark;--ink:light-dark(#1b1f24,#e8eaed);--quiet:light-dark(#57606a,#9aa4af);--page:light-dark(#fff,#0f1216);--card:light-dark(#f6f7f9,#181c22);--line:light-dark(#d9dee4,#2c333c);--link:light-dark(#0a58ca,#8ab4ff);font:16px/1.6 system-ui,sans-serif;color:var(--ink);background:var(--page)}
*{box-sizing:border-box}body{margin:0}img{max-width:100%;height:auto}a{color:var(--link)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem}
header{padding:1rem 1.25rem;border-bottom:1px solid var(--line)}header a{font-weight:650;color:var(--ink);text-decoration:none}
.columns{display:grid;grid-template-columns:15rem minmax(0,46rem);gap:2.5rem;max-width:66rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
nav ul{list-style:none;margin:0;padding:0;position:sticky;top:1.5rem}nav li{margin:.15rem 0}nav a{display:block;padding:.2rem .6rem;border-radius:.4rem;color:var(--quiet);text-decoration:none}
nav a[aria-current]{background:var(--card);color:var(--ink);font-weight:600}
h1{font-size:1.8rem;line-height:1.2;margin:0 0 1rem}h2{font-size:1.25rem;margin:2.2rem 0 .6rem}h3{font-size:1.05rem;margin:1.6rem 0 .4rem}
code{font:.875em/1.5 ui-monospace,monospace;background:var(--card);padding:.1em .3em;border-radius:.3em}
pre{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;overflow:auto}pre code{background:none;padding:0}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.94rem}th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line)}th{color:var(--quiet);font-weight:600}
@media(max-width:46rem){.columns{grid-template-columns:minmax(0,1fr);gap:1rem}nav ul{position:static;display:flex;flex-wrap:wrap}}
`;
