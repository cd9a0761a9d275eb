import type { MetricFigures, RawResult } from './raw-result.ts';
import type { SteadyState } from './statistics/in-depth.ts';

/** What is printed of a result, whether of one test or of shards that were merged. */
export type PrintableResult = Pick<
  RawResult,
  | 'completed'
  | 'failed'
  | 'duration'
  | 'total_input_tokens'
  | 'total_output_tokens'
  | 'request_throughput'
  | 'request_goodput'
  | 'output_throughput'
  | 'total_token_throughput'
  | 'chunks'
  | 'chunk_gap'
  | 'from_send'
  | 'steady_state'
  | 'troubles'
  | 'fidelity'
  | 'insecure'
> &
  Partial<Pick<RawResult, 'confidence_95'>>;

/** A result as a table for people: the rows and the names of the public client, then what it is worth. */
export function formatResult(result: PrintableResult, metrics: readonly string[]): string {
  const lines = [
    row('Successful requests', String(result.completed)),
    row('Failed requests', String(result.failed)),
    row('Benchmark duration (s)', result.duration.toFixed(2)),
    row('Total input tokens', String(result.total_input_tokens)),
    row('Total generated tokens', String(result.total_output_tokens)),
    row('Request throughput (req/s)', result.request_throughput.toFixed(2)),
    ...(result.request_goodput === undefined
      ? []
      : [row('Request goodput (req/s)', result.request_goodput.toFixed(2))]),
    row('Output token throughput (tok/s)', result.output_throughput.toFixed(2)),
    row('Total token throughput (tok/s)', result.total_token_throughput.toFixed(2)),
  ];
  for (const [metric, title] of Object.entries(titles)) {
    if (!metrics.includes(metric)) continue;
    lines.push(title);
    const pattern = new RegExp(`^(mean|median|std|p[\\d.]+)_${metric}_ms$`);
    for (const [name, value] of Object.entries(result)) {
      const figure = pattern.exec(name)?.[1];
      if (figure !== undefined)
        lines.push(row(`  ${figure} (ms)`, `${Number(value).toFixed(2)}${range(result, name)}`));
    }
  }
  if (result.chunks !== result.total_output_tokens) {
    lines.push(
      `Gap between chunks, of ${(result.total_output_tokens / result.chunks).toFixed(2)} tokens each`,
    );
    lines.push(...figureRows(result.chunk_gap));
  }
  if (result.from_send !== undefined) {
    lines.push('Time to first token, from the actual send (all above: from the scheduled one)');
    lines.push(...figureRows(result.from_send.ttft));
    lines.push('End-to-end latency, from the actual send');
    lines.push(...figureRows(result.from_send.e2el));
  }
  const { steady_state: steady, fidelity } = result;
  if (steady !== undefined) {
    const span = `${steady.from_s.toFixed(1)} to ${steady.to_s.toFixed(1)} s, ${steady.requests} requests`;
    lines.push(`Steady state (${span})`);
    lines.push(row('  Output token throughput (tok/s)', steady.output_throughput.toFixed(2)));
    lines.push(row('  TTFT, TPOT, E2EL median (ms)', medians(steady)));
  }
  for (const { class: name, count, example, failed } of result.troubles) {
    lines.push(
      `${failed ? 'failed' : 'not as asked'}: ${count} × ${name}, e.g. ${example.split('\n', 1)[0]}`,
    );
  }
  if (result.insecure === true) lines.push(row("Server's certificate", 'not checked (--insecure)'));
  const { verdict, reasons, asked_concurrency: asked } = fidelity;
  lines.push(
    row(
      'Streams asked, mean, peak',
      `${asked ?? 'no bound'}, ${fidelity.achieved_concurrency.toFixed(1)}, ${fidelity.peak_concurrency}`,
    ),
    row(
      'Client lag p99 (ms), CPU (cores)',
      `${fidelity.loop_lag_ms.p99.toFixed(2)}, ${fidelity.client_cpu_share.toFixed(2)}`,
    ),
  );
  lines.push(`verdict: ${verdict}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`);
  return lines.join('\n');
}

const titles = {
  ttft: 'Time to first token',
  tpot: 'Time per output token (without the first)',
  itl: 'Inter-token latency',
  e2el: 'End-to-end latency',
};

function figureRows(figures: MetricFigures): string[] {
  return Object.entries(figures).map(([name, value]) =>
    row(`  ${name.replace(/_ms$/, '')} (ms)`, Number(value).toFixed(2)),
  );
}

function medians({ median_ttft_ms, median_tpot_ms, median_e2el_ms }: SteadyState): string {
  return [median_ttft_ms, median_tpot_ms, median_e2el_ms].map((value) => value.toFixed(2)).join(', ');
}

function range({ confidence_95 }: PrintableResult, name: string): string {
  const interval = confidence_95?.[name];
  return interval === undefined ? '' : `  [${interval[0].toFixed(2)}, ${interval[1].toFixed(2)}]`;
}

function row(name: string, value: string): string {
  return `${`${name}:`.padEnd(36)}${value}`;
}
