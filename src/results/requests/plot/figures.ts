import type { RequestRecord } from '../../../load/index.ts';
import { axisOf, chart, figure, placeX, placeY } from './chart.ts';

/** More marks than this are not drawn one by one. */
const mostMarks = 3000;
const mostRows = 400;
const buckets = 40;

/** One run's requests, and when the first of them was due or sent. */
export interface PlottedRun {
  readonly records: readonly RequestRecord[];
  readonly originS: number;
  readonly endS: number;
}

/** All figures of a run; one is left out if no request has what it shows. */
export function figuresOf(run: PlottedRun): string {
  const [timeline, inFlight] = [timelineOf(run), inFlightOf(run)];
  return [
    timeline,
    inFlight,
    overTime(run),
    againstInput(run),
    distribution(run, 'Time to first token', 'TTFT (ms)', ({ ttft_ms }) => ttft_ms),
    distribution(run, 'Time per output token', 'TPOT (ms)', ({ tpot_ms }) => tpot_ms),
    distribution(run, 'End-to-end latency', 'E2EL (ms)', ({ e2el_ms }) => e2el_ms),
  ]
    .filter((part) => part !== undefined)
    .join('\n');
}

/** Every request as a line: waiting for its first token, then receiving the reply. */
function timelineOf({ records, originS, endS }: PlottedRun): string | undefined {
  const sent = records.filter(({ start_time, end_time }) => start_time !== null && end_time !== null);
  if (sent.length === 0) return undefined;
  const shown = everyNth(sent, mostRows);
  const x = { label: 'time (s)', low: 0, high: endS - originS };
  const y = { label: 'request', low: 0, high: shown.length };
  const line = (from: number | null, to: number | null, row: number, name: string): string =>
    from === null || to === null
      ? ''
      : `<line class="${name}" x1="${placeX(x, from - originS)}" y1="${placeY(y, row)}" x2="${placeX(x, to - originS)}" y2="${placeY(y, row)}"/>`;
  const rows = shown.map((one, index) => {
    // The first request is at the top.
    const row = shown.length - index - 0.5;
    if (one.state !== 'completed' && one.state !== 'outside')
      return line(one.start_time, one.end_time, row, 'failed');
    const firstS = one.first_token_time ?? one.end_time;
    return (
      line(one.due_time, one.start_time, row, 'late') +
      line(one.start_time, firstS, row, 'waiting') +
      line(firstS, one.last_token_time, row, 'receiving')
    );
  });
  const width = Math.min(6, Math.max(0.5, 150 / shown.length)).toFixed(2);
  return chart(
    'Timeline of the requests',
    { x },
    `<g stroke-width="${width}">${rows.join('')}</g>`,
    `From top to bottom in order; orange until the first token, blue while tokens arrive, red if failed, grey if sent late.${sample(shown, sent, 'requests')}`,
  );
}

/** How many requests were in flight at each moment. */
function inFlightOf({ records, originS, endS }: PlottedRun): string | undefined {
  const changes = records
    .flatMap(({ start_time: start, end_time: end }) =>
      start === null || end === null
        ? []
        : [
            { atS: start - originS, by: 1 },
            { atS: end - originS, by: -1 },
          ],
    )
    .sort((a, b) => a.atS - b.atS || a.by - b.by);
  if (changes.length === 0) return undefined;
  let count = 0;
  const steps = changes.map(({ atS, by }) => {
    count += by;
    return { atS, count };
  });
  const x = { label: 'time (s)', low: 0, high: endS - originS };
  const y = axisOf(
    'requests',
    steps.map((step) => step.count),
  );
  const columns = peaks(steps, x.high);
  const path = columns.map(({ atS, count: at }) => `H${placeX(x, atS)}V${placeY(y, at)}`).join('');
  return chart(
    'Requests in flight',
    { x, y },
    `<path class="area" d="M${placeX(x, 0)} ${placeY(y, 0)}${path}V${placeY(y, 0)}Z"/>`,
  );
}

/** The highest count in each of some hundred parts of the time, or each step if there are few. */
function peaks(steps: readonly { readonly atS: number; readonly count: number }[], endS: number) {
  if (steps.length <= 600) return steps;
  const parts = 300;
  const highest = new Map<number, number>();
  for (const { atS, count } of steps) {
    const part = Math.min(parts - 1, Math.floor((atS / endS) * parts));
    highest.set(part, Math.max(count, highest.get(part) ?? 0));
  }
  return [...highest].map(([part, count]) => ({ atS: (part / parts) * endS, count }));
}

function overTime({ records, originS, endS }: PlottedRun): string | undefined {
  const points = records.flatMap(({ due_time, start_time, ttft_ms }) => {
    const atS = due_time ?? start_time;
    return atS === null || ttft_ms === null ? [] : [{ x: atS - originS, y: ttft_ms }];
  });
  const x = { label: 'time (s)', low: 0, high: endS - originS };
  return scatter('Time to first token over time', { x, y: 'TTFT (ms)' }, points);
}

function againstInput({ records }: PlottedRun): string | undefined {
  const points = records.flatMap(({ input_tokens, ttft_ms }) =>
    input_tokens === null || ttft_ms === null ? [] : [{ x: input_tokens, y: ttft_ms }],
  );
  const x = axisOf(
    'input tokens',
    points.map((point) => point.x),
  );
  return scatter('Time to first token against input length', { x, y: 'TTFT (ms)' }, points);
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

function scatter(
  title: string,
  axes: { readonly x: ReturnType<typeof axisOf>; readonly y: string },
  points: readonly Spot[],
): string | undefined {
  if (points.length === 0) return undefined;
  const y = axisOf(
    axes.y,
    points.map((point) => point.y),
  );
  const shown = everyNth(points, mostMarks);
  const dots = shown.map(
    (point) => `<circle cx="${placeX(axes.x, point.x)}" cy="${placeY(y, point.y)}" r="1.6"/>`,
  );
  return chart(
    title,
    { x: axes.x, y },
    `<g class="dots">${dots.join('')}</g>`,
    sample(shown, points, 'requests').trim(),
  );
}

/** A histogram with the median, p90 and p99 of the replies that the result's figures cover. */
function distribution(
  { records }: PlottedRun,
  title: string,
  label: string,
  of: (record: RequestRecord) => number | null,
): string | undefined {
  const values = records
    .flatMap((record) => (record.state === 'outside' ? [] : (of(record) ?? [])))
    .sort((a, b) => a - b);
  if (values.length === 0) return undefined;
  const at = (fraction: number): number =>
    values[Math.min(values.length - 1, Math.floor(fraction * values.length))] ?? 0;
  const x = axisOf(label, values);
  const counts = Array.from({ length: buckets }, () => 0);
  for (const value of values) {
    const bucket = Math.min(buckets - 1, Math.floor((value / x.high) * buckets));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const y = axisOf('requests', counts);
  const width = placeX(x, x.high / buckets) - placeX(x, 0);
  const bars = counts.map((count, index) => {
    const top = placeY(y, count);
    return count === 0
      ? ''
      : `<rect x="${placeX(x, (index / buckets) * x.high)}" y="${top}" width="${Math.max(0.5, width - 0.5).toFixed(1)}" height="${(placeY(y, 0) - top).toFixed(1)}"/>`;
  });
  const marked = [
    { name: 'median', value: at(0.5) },
    { name: 'p90', value: at(0.9) },
    { name: 'p99', value: at(0.99) },
  ];
  const lines = marked.map(
    ({ value }) =>
      `<line class="mark" x1="${placeX(x, value)}" y1="${placeY(y, 0)}" x2="${placeX(x, value)}" y2="${placeY(y, y.high)}"/>`,
  );
  return chart(
    title,
    { x, y },
    `<g class="bars">${bars.join('')}</g>${lines.join('')}`,
    `${marked.map(({ name, value }) => `${name} ${figure(value)} ms`).join(', ')} of ${figure(values.length)} replies.`,
  );
}

function everyNth<T>(list: readonly T[], most: number): readonly T[] {
  const step = Math.ceil(list.length / most);
  return step <= 1 ? list : list.filter((_, index) => index % step === 0);
}

function sample(shown: readonly unknown[], all: readonly unknown[], what: string): string {
  return shown.length === all.length
    ? ''
    : ` ${figure(shown.length)} of ${figure(all.length)} ${what} are drawn, evenly chosen.`;
}
