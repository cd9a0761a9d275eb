import { markdownText } from '../../markdown-text.ts';
import { type Comparison, type JudgedChange, type Judgement, percent } from './compare.ts';
import { comparedMetrics } from './compared-measurement.ts';

const marks: Readonly<Record<Judgement, string>> = {
  better: '🟢 better',
  worse: '🔴 worse',
  same: 'same',
  'not comparable': '⚪ not comparable',
};

/** A comparison for a pull request's comment: a table of curves, and one of the points of each below it. */
export function comparisonMarkdown({ a, b, curves, points, method, warnings }: Comparison): string {
  const counts = Object.entries(points).map(([judgement, count]) => `${count} ${judgement}`);
  const frontiers = curves.map(({ title, frontier }) => [
    title,
    marks[frontier.judgement],
    changeText(frontier),
    intervalText(frontier),
    frontier.why ?? '',
  ]);
  const lines = [
    `## ${a} → ${b}`,
    '',
    `Points: ${counts.join(', ')}.`,
    ...warnings.map((warning) => `\n> **Note:** ${warning}`),
    '',
    ...table(['Curve', 'Frontier', 'Change of its area', '95 % interval', 'Why'], frontiers),
    ...curves.flatMap((one) => ['', ...pointsOf(one)]),
    '',
    '<details><summary>How this was judged</summary>',
    '',
    ...method.map((sentence) => `- ${sentence}`),
    '',
    '</details>',
  ];
  return `${lines.join('\n')}\n`;
}

function pointsOf({ title, points }: Comparison['curves'][number]): string[] {
  const isNews = points.some(({ judgement }) => judgement === 'better' || judgement === 'worse');
  const titles = comparedMetrics
    .map(({ title }) => title)
    .filter((title) => points.some(({ metrics }) => metrics.some(({ metric }) => metric === title)));
  const rows = points.map(({ point, judgement, why = '', metrics }) => [
    point,
    marks[judgement],
    ...titles.map((title) => metricText(metrics.find(({ metric }) => metric === title))),
    why,
  ]);
  return [
    `<details${isNews ? ' open' : ''}><summary>${markdownText(title)}: ${points.length} ${points.length === 1 ? 'point' : 'points'}</summary>`,
    '',
    ...table(['Point', 'Judged', ...titles, 'Why'], rows),
    '',
    '</details>',
  ];
}

function metricText(change: JudgedChange | undefined): string {
  if (change === undefined) return '';
  const { judgement, a, why = '' } = change;
  if (a === undefined) return why;
  const text = `${changeText(change)} ${intervalText(change)}`.trim();
  return judgement === 'better' || judgement === 'worse' ? `**${text}** (${judgement})` : text;
}

function changeText({ change }: JudgedChange): string {
  return change === undefined ? '' : signed(change);
}

function intervalText({ interval }: JudgedChange): string {
  return interval === undefined ? '' : `[${signed(interval[0])}, ${signed(interval[1])}]`;
}

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
}

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  return [line(headers), line(headers.map(() => '--')), ...rows.map(line)];
}
