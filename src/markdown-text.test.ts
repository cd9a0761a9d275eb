import { Marked } from 'marked';
import { expect, test } from 'vitest';
import { markdownText } from './markdown-text.ts';

test('ordinary names are unchanged', () => {
  for (const text of [
    'dsr1_fp8 8k1k',
    'h200-nvlink',
    'TP8/EP1',
    'org/model',
    '+3.2 %',
    '17',
    '91.00% ±0.87%',
    '0.5.23',
    'a@b',
    '',
  ])
    expect(markdownText(text)).toBe(text);
});

test.each([
  '</summary>\n\n# OK @o/t',
  '@org/team look',
  '[link](https://evil.example) ![image](https://evil.example/x.png)',
  '`code` | <img src=x onerror=alert(1)>',
  '# heading',
  '- item',
  '1. item',
  '2) item',
  'https://evil.example/x',
  '\u001b]0;title\u0007',
])('hostile text is shown without effect: %j', async (text) => {
  const written = markdownText(text);
  expect(written).not.toMatch(/[\n\p{Cc}]|(^|\W)@\w/u);
  const html = await new Marked().parse(`| a |\n|--|\n| ${written} |\n\n${written}`);
  expect(html).not.toMatch(/<(?:a|img|code|h1|[uo]l|summary|script)\b/);
  expect(html.match(/<td>/g)).toHaveLength(1);
});
