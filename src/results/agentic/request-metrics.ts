import { deviationOf, type FigureStatistics, figuresOf, ratio, sumOf } from './figures.ts';
import { type AgenticRecord, countsOf, metricIn, metricOf, numberOf } from './records.ts';

/** The summary of a run, as far as rows use it; undefined if it was not written. */
export type ProfileSummary = Readonly<Record<string, unknown>> | undefined;

/** What the client measured (contract F7). */
export function requestMetrics(
  records: readonly AgenticRecord[],
  {
    gpus,
    summary,
    expectedOutput,
  }: { readonly gpus: number; readonly summary: ProfileSummary; readonly expectedOutput: readonly number[] },
) {
  return {
    qps: completionRates(endsOf(records)),
    latency: latenciesOf(records),
    tokens: {
      input: figuresOf(countsOf(records, 'input_sequence_length')),
      output_actual: figuresOf(countsOf(records, 'output_sequence_length')),
      output_expected: figuresOf(expectedOutput),
    },
    throughput: throughputOf(records, gpus),
    cache: { theoretical_cache_hit_rate: shareIn(summary?.theoretical_prefix_cache_hit) },
  };
}

const windowS = 1;

function endsOf(records: readonly AgenticRecord[]): readonly bigint[] {
  return timesOf(records, 'request_end_ns');
}

function timesOf(
  records: readonly AgenticRecord[],
  name: 'request_start_ns' | 'request_end_ns',
): readonly bigint[] {
  return records.flatMap(({ metadata }) => {
    const time = metadata?.[name];
    if (typeof time === 'bigint') return time === 0n ? [] : [time];
    const number = numberOf(time);
    return number === null || number === 0 || !Number.isFinite(number) ? [] : [BigInt(Math.trunc(number))];
  });
}

/** Completions in windows of one second, from the first to the last end. */
function completionRates(endsNs: readonly bigint[]): Readonly<Record<string, unknown>> {
  const ends = endsNs.map((end) => Number(end) / 1e9).toSorted((a, b) => a - b);
  const [first = 0] = ends;
  const last = ends.at(-1) ?? 0;
  if (ends.length < 2 || last <= first) return {};
  const rates: number[] = [];
  let at = 0;
  for (let from = first; from + windowS <= last; from += windowS) {
    while ((ends[at] ?? last) < from) at++;
    let next = at;
    while ((ends[next] ?? Number.POSITIVE_INFINITY) < from + windowS) next++;
    rates.push((next - at) / windowS);
    at = next;
  }
  const figures = rates.length === 0 ? { mean: ends.length / (last - first) } : figuresOf(rates);
  return { window_seconds: windowS, samples: rates.length, ...figures };
}

function latenciesOf(records: readonly AgenticRecord[]): Readonly<Record<string, FigureStatistics>> {
  const secondsOf = (name: string) =>
    metricOf(records, name).flatMap((ms) => (Number.isFinite(ms) && ms > 0 ? [ms / 1000] : []));
  const itl = secondsOf('inter_token_latency');
  const wholeItl = secondsOf('full_response_inter_token_latency');
  const perToken = records.flatMap((record) => {
    const ms = numberOf(metricIn(record, 'request_latency')) ?? 0;
    const tokens = numberOf(metricIn(record, 'output_sequence_length')) ?? 0;
    const isKnown = Number.isFinite(ms) && Number.isFinite(tokens) && ms > 0 && tokens > 0;
    return isKnown ? [ms / 1000 / tokens] : [];
  });
  return {
    ttft: figuresOf(secondsOf('time_to_first_token')),
    e2el: figuresOf(secondsOf('request_latency')),
    itl: figuresOf(itl),
    tpot: figuresOf(itl),
    intvty: interactivityOf(itl),
    e2e_norm_intvty: interactivityOf(perToken),
    full_response_itl: figuresOf(wholeItl),
    full_response_intvty: interactivityOf(wholeItl),
  };
}

/** The inverse of each statistic of the times per token, so that P90 is the slow tail; the spread is that of the rates. */
function interactivityOf(seconds: readonly number[]): FigureStatistics {
  if (seconds.length === 0) return {};
  const figures = Object.entries(figuresOf(seconds)).filter(([name]) => name !== 'std');
  const rates = seconds.map((time) => 1 / time);
  return { ...Object.fromEntries(figures.map(([name, time]) => [name, 1 / time])), std: deviationOf(rates) };
}

/** From the first start to the last end. */
function throughputOf(records: readonly AgenticRecord[], gpus: number): Readonly<Record<string, unknown>> {
  const starts = timesOf(records, 'request_start_ns');
  const ends = endsOf(records);
  const [start] = starts.toSorted(compare);
  const end = ends.toSorted(compare).at(-1);
  if (start === undefined || end === undefined || end <= start) return {};
  const durationS = Number(end - start) / 1e9;
  const input = sumOf(countsOf(records, 'input_sequence_length'));
  const output = sumOf(countsOf(records, 'output_sequence_length'));
  const [inputRate, outputRate, totalRate] = [input, output, input + output].map(
    (tokens) => tokens / durationS,
  );
  const perGpu = (rate = 0): number => rate / gpus;
  return {
    input: { tokens_per_second: inputRate },
    output: { tokens_per_second: outputRate },
    total: { tokens_per_second: totalRate },
    duration_seconds: durationS,
    per_gpu:
      gpus > 0
        ? {
            total_tput_tps: perGpu(totalRate),
            output_tput_tps: perGpu(outputRate),
            input_tput_tps: perGpu(inputRate),
          }
        : {},
  };
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A share that the summary states as hits of a count, or as an average. */
function shareIn(metric: unknown): number | null {
  if (typeof metric !== 'object' || metric === null || Array.isArray(metric)) return null;
  const fields = new Map(Object.entries(metric));
  const average = numberOf(fields.get('avg'));
  const share = ratio(numberOf(fields.get('sum')), numberOf(fields.get('count')));
  if (share !== null || average === null) return share;
  return String(fields.get('unit') ?? '').trim() === '%' ? average / 100 : average;
}
