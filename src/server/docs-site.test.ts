import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { topics } from '../../web/src/parts/topics.ts';
import { thresholds } from '../load/fidelity/verdict.ts';
import { packageRoot } from '../package-root.ts';
import { docsPages } from './docs-site.ts';

const pages = await docsPages();

describe('the documentation as pages', () => {
  test('starts with running your own and links to every other page', () => {
    expect(pages[0]?.file).toBe('index.html');
    for (const { html } of pages) for (const { file } of pages) expect(html).toContain(`href="${file}"`);
  });

  test('has no broken link to a page or a heading', () => {
    const anchors = new Set(
      pages.flatMap(({ file, html }) => [
        file,
        ...[...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => `${file}#${id}`),
      ]),
    );
    for (const { file, html } of pages) {
      const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href ?? '');
      for (const href of links.filter((one) => /^[\w-]+\.html|^#/.test(one))) {
        expect(anchors, `${file} links to ${href}`).toContain(href.startsWith('#') ? `${file}${href}` : href);
      }
    }
  });

  test('shows code and special characters as written', () => {
    const text = pages.map(({ html }) => html).join('');
    expect(text).toContain('&lt;model-prefix&gt;_&lt;precision&gt;');
    expect(text).not.toMatch(/<script/i);
  });
});

test('documents the thresholds of verdicts that the code uses', async () => {
  const text = await readFile(join(packageRoot, 'docs', 'fidelity.md'), 'utf8');
  const row = (start: string) =>
    (text.split('\n').find((line) => line.startsWith(`| ${start}`)) ?? '').replaceAll(/ +/g, ' ');
  const percent = (share: number) => `${share * 100} %`;
  const { failedShare, concurrencyShare, rateShare, loopLag, clientCpuShare, sendDelayP99Ms } = thresholds;
  const { tokenizerRatio } = thresholds;
  expect(failedShare.suspect).toBe(0);
  expect(row('failed requests')).toContain(`any | more than ${percent(failedShare.invalid)}`);
  expect(row('achieved concurrency')).toContain(
    `below ${percent(concurrencyShare.suspect)} | below ${percent(concurrencyShare.invalid)}`,
  );
  expect(row('sent requests per second')).toContain(
    `below ${percent(rateShare.suspect)} | below ${percent(rateShare.invalid)}`,
  );
  expect(row('tokenizer count')).toContain(
    `below ${tokenizerRatio.suspect.low} or above ${tokenizerRatio.suspect.high}`,
  );
  const lag = ({ ms, ttftShare }: { ms: number; ttftShare: number }) =>
    `above ${ms} ms and above ${percent(ttftShare)}`;
  expect(row('event-loop lag')).toContain(lag(loopLag.suspect));
  expect(row('event-loop lag')).toContain(lag(loopLag.invalid));
  expect(row('CPU time of each')).toContain(`above ${percent(clientCpuShare.suspect)}`);
  expect(row('p99 lateness')).toContain(
    `above ${sendDelayP99Ms.suspect} ms | above ${sendDelayP99Ms.invalid} ms`,
  );
});

test('has every heading to which the dashboard links', async () => {
  const pages = new Map((await docsPages()).map(({ file, html }) => [file, html]));
  for (const address of Object.values(topics)) {
    const [file = '', heading = ''] = address.split('#');
    expect(pages.get(file)).toContain(`id="${heading}"`);
  }
});

test('pictures are part of their page', async () => {
  const page = (await docsPages()).find(({ file }) => file === 'workloads.html');
  const sources = [...(page?.html ?? '').matchAll(/<img src="([^"]*)"/g)].map(([, source = '']) => source);
  expect(sources.length).toBeGreaterThan(2);
  for (const source of sources) expect(source).toMatch(/^data:image\/svg\+xml;base64,PD?/);
});
