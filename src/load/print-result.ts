import type {
  Fidelity,
  MetricFigures,
  PartFigures,
  PoolingFigures,
  RawResult,
  SteadyState,
} from './result-schema.ts';

/** The fields of a result that are printed, for a single test and for merged shards. */
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
  | 'first_text'
  | 'first_answer'
  | 'from_send'
  | 'goodput'
  | 'slo'
  | 'steady_state'
  | 'troubles'
  | 'insecure'
> &
  Partial<
    Pick<
      RawResult,
      | 'ended_by'
      | 'window'
      | 'confidence_95'
      | 'prefix_cache'
      | 'ideal_prefix_cache'
      | 'pooling'
      | 'servers'
      | 'models'
    >
  > & {
    readonly fidelity: Pick<
      Fidelity,
      | 'verdict'
      | 'reasons'
      | 'asked_concurrency'
      | 'achieved_concurrency'
      | 'peak_concurrency'
      | 'loop_lag_ms'
      | 'client_cpu_share'
      | 'addresses'
    >;
  };

/** Formats a figure; `-` if no reply has it. */
export function figure(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

const notKnown = 'not known';

/** The latencies that are printed by default. */
export const usualLatencies: readonly string[] = ['ttft', 'tpot', 'itl'];

/**
 * Formats a result as a table with the rows and names of vLLM's client, followed by its verdict.
 * @param beside Lines from other sources, printed before the verdict.
 */
export function formatResult(
  result: PrintableResult,
  metrics = usualLatencies,
  beside: readonly string[] = [],
): string {
  const { pooling } = result;
  const printed = pooling === undefined ? metrics : ['e2el'];
  const lines = [
    row('Successful requests', String(result.completed)),
    row('Failed requests', String(result.failed)),
    row('Benchmark duration (s)', result.duration.toFixed(2)),
    ...endingRows(result),
    row('Total input tokens', String(result.total_input_tokens ?? notKnown)),
    ...(pooling === undefined
      ? [row('Total generated tokens', String(result.total_output_tokens ?? notKnown))]
      : []),
    row('Request throughput (req/s)', result.request_throughput.toFixed(2)),
    ...goodputRows(result),
    ...sloRows(result),
    ...(pooling === undefined
      ? [
          row('Output token throughput (tok/s)', result.output_throughput?.toFixed(2) ?? notKnown),
          row('Total token throughput (tok/s)', result.total_token_throughput?.toFixed(2) ?? notKnown),
        ]
      : poolingRows(pooling)),
    ...prefixCacheRows(result),
  ];
  for (const [metric, title] of Object.entries(titles)) {
    if (!printed.includes(metric)) continue;
    lines.push(title);
    const pattern = new RegExp(`^(mean|median|std|p[\\d.]+)_${metric}_ms$`);
    for (const [name, value] of Object.entries(result)) {
      const statistic = pattern.exec(name)?.[1];
      if (statistic !== undefined && (typeof value === 'number' || value === null))
        lines.push(row(`  ${statistic} (ms)`, `${figure(value, 2)}${range(result, name)}`));
    }
  }
  lines.push(...visibleTextRows(result));
  if (result.chunks !== result.total_output_tokens && result.chunk_gap.mean_ms !== null) {
    const { total_output_tokens: tokens, chunks } = result;
    const each = tokens === null || chunks === 0 ? '' : `, of ${(tokens / chunks).toFixed(2)} tokens each`;
    lines.push(`Gap between chunks${each}`);
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
    if (pooling === undefined) {
      lines.push(row('  Output token throughput (tok/s)', figure(steady.output_throughput, 2)));
      lines.push(row('  TTFT, TPOT, E2EL median (ms)', medians(steady)));
    } else lines.push(row('  E2EL median (ms)', figure(steady.median_e2el_ms, 2)));
  }
  lines.push(...partRows('Server', result.servers), ...partRows('Model', result.models));
  for (const { class: name, count, example, failed } of result.troubles) {
    lines.push(
      `${failed ? 'failed' : 'not as requested'}: ${count} × ${name}, e.g. ${example.split('\n', 1)[0]}`,
    );
  }
  lines.push(...beside);
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
  for (const { address, requests, skipped } of fidelity.addresses ?? []) {
    const note = skipped === undefined ? '' : `, skipped: ${skipped}`;
    lines.push(row(`Requests to ${address}`, `${requests}${note}`));
  }
  lines.push(`verdict: ${verdict}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`);
  return lines.join('\n');
}

const titles = {
  ttft: 'Time to first token',
  tpot: 'Time per output token (without the first)',
  itl: 'Inter-token latency',
  e2el: 'End-to-end latency',
};

/** The rates of a server that generates nothing. */
function poolingRows({ unit, results, result_throughput, input_throughput }: PoolingFigures): string[] {
  return [
    row(`Total ${unit}s`, String(results)),
    row(`Throughput of ${unit}s (1/s)`, result_throughput.toFixed(2)),
    row('Input token throughput (tok/s)', input_throughput?.toFixed(2) ?? notKnown),
  ];
}

/** The figures of each server or model, if there are several. */
function partRows(what: string, parts: readonly PartFigures[] = []): string[] {
  return parts.flatMap(
    ({ name, requests, failed, request_throughput, input_throughput, output_throughput, ...latencies }) => {
      const medians = [latencies.ttft, latencies.tpot, latencies.e2el].map((of) => figure(of.median_ms, 2));
      const failures = failed === 0 ? '' : `, ${failed} failed`;
      return [
        `${what} ${name}`,
        row('  Requests', `${requests}${failures}`),
        row(
          '  req/s, tok/s in, tok/s out',
          [request_throughput, input_throughput, output_throughput].map((rate) => figure(rate, 2)).join(', '),
        ),
        row('  TTFT, TPOT, E2EL median (ms)', medians.join(', ')),
      ];
    },
  );
}

/** Why the test ended, unless all of its requests were sent, and the part that the figures are about. */
function endingRows({ ended_by: ended, window }: PrintableResult): string[] {
  if (ended === undefined || ended.reason === 'requests') return [];
  const { reason, at_s: atS, in_flight: inFlight, detail } = ended;
  return [
    row('Sending ended', `by ${reason} after ${atS.toFixed(1)} s, with ${inFlight} requests in flight`),
    ...(detail === undefined ? [] : [`  ${detail}`]),
    ...(window === undefined
      ? []
      : [
          row('Figures are from (s)', `${window.from_s.toFixed(1)} to ${window.to_s.toFixed(1)}`),
          row('Replies outside', String(window.outside)),
        ]),
  ];
}

function goodputRows({ request_goodput: perSecond, goodput }: PrintableResult): string[] {
  if (perSecond === undefined) return [];
  const unknown = goodput === undefined ? '' : ` of ${goodput.not_known} replies`;
  return [
    row('Request goodput (req/s)', perSecond?.toFixed(2) ?? `${notKnown}${unknown}`),
    ...(goodput === undefined || goodput.met_without_tpot === 0
      ? []
      : [row('  met by a reply of one token', `${goodput.met_without_tpot} of ${goodput.met}`)]),
  ];
}

/** The attainment of each limit, and whether an SLO of a percentile was met in this test. */
function sloRows({ slo }: PrintableResult): string[] {
  if (slo === undefined) return [];
  const ofLimits = slo.limits.map(({ metric, percentile, limit_ms, met, not_known }) => {
    const name = percentile === undefined ? metric : `${metric} p${percentile}`;
    const share = slo.requests === 0 ? notKnown : `${((100 * met) / slo.requests).toFixed(2)} %`;
    const outcome =
      percentile === undefined ? '' : met >= (percentile / 100) * slo.requests ? ', met' : ', not met';
    return row(
      `  ${name} < ${limit_ms} ms`,
      `${share}${outcome}${not_known > 0 ? `, ${not_known} unknown` : ''}`,
    );
  });
  const all = slo.attainment === null ? notKnown : `${(100 * slo.attainment).toFixed(2)} %`;
  return [row('SLO attainment', `${all} of ${slo.requests} requests`), ...ofLimits];
}

function prefixCacheRows({ prefix_cache: cache, ideal_prefix_cache: ideal }: PrintableResult): string[] {
  const most = idealWords(ideal);
  if (cache === undefined || cache.replies === 0) {
    return most === undefined ? [] : [row('Prompt tokens sent before', most)];
  }
  const share = cache.share === null ? notKnown : `${(100 * cache.share).toFixed(1)} %`;
  return [
    row('Prompt tokens from prefix cache', most === undefined ? share : `${share}, of ${most} possible`),
  ];
}

/** The most that a prefix cache could have served; undefined if no prompt repeats another. */
function idealWords(ideal: PrintableResult['ideal_prefix_cache']): string | undefined {
  if (ideal === undefined || ideal.share === null || ideal.share === 0) return undefined;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const limited =
    ideal.share_in_cache == null
      ? ''
      : ` (${percent(ideal.share_in_cache)} in a cache of ${ideal.cache_tokens} tokens)`;
  return `${ideal.estimated === true ? 'about ' : ''}${percent(ideal.share)}${limited}`;
}

/** When text became visible; omitted if that was always with the first token. */
function visibleTextRows(result: PrintableResult): string[] {
  const lines: string[] = [];
  const { first_text: text, first_answer: answer } = result;
  if (text !== undefined && text.differ > 0) {
    lines.push(`Time to first visible text, of ${text.replies} replies`, ...figureRows(text));
  }
  if (answer !== undefined && answer.differ > 0) {
    lines.push(`Time to first token of the answer, of ${answer.replies} replies`, ...figureRows(answer));
  }
  return lines;
}

function figureRows(figures: MetricFigures): string[] {
  return Object.entries(figures).flatMap(([name, value]) =>
    name.endsWith('_ms') ? [row(`  ${name.replace(/_ms$/, '')} (ms)`, figure(value, 2))] : [],
  );
}

function medians({ median_ttft_ms, median_tpot_ms, median_e2el_ms }: SteadyState): string {
  return [median_ttft_ms, median_tpot_ms, median_e2el_ms].map((value) => figure(value, 2)).join(', ');
}

function range({ confidence_95 }: PrintableResult, name: string): string {
  const interval = confidence_95?.[name];
  return interval === undefined ? '' : `  [${interval[0].toFixed(2)}, ${interval[1].toFixed(2)}]`;
}

function row(name: string, value: string): string {
  return `${`${name}:`.padEnd(36)}${value}`;
}
