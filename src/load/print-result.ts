import type { RawResult } from './raw-result.ts';

/** A result as a table for people: the rows and the names of the public client, then what it is worth. */
export function formatResult(result: RawResult, metrics: readonly string[]): string {
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
  for (const { class: name, count, example, failed } of result.troubles) {
    lines.push(
      `${failed ? 'failed' : 'not as asked'}: ${count} × ${name}, e.g. ${example.split('\n', 1)[0]}`,
    );
  }
  const { verdict, reasons } = result.fidelity;
  lines.push(`verdict: ${verdict}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`);
  return lines.join('\n');
}

const titles = {
  ttft: 'Time to first token',
  tpot: 'Time per output token (without the first)',
  itl: 'Inter-token latency',
  e2el: 'End-to-end latency',
};

function range({ confidence_95 }: RawResult, name: string): string {
  const interval = confidence_95[name];
  return interval === undefined ? '' : `  [${interval[0].toFixed(2)}, ${interval[1].toFixed(2)}]`;
}

function row(name: string, value: string): string {
  return `${`${name}:`.padEnd(36)}${value}`;
}
