import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { InputError } from '../../errors.ts';
import { importResults, readResults } from './index.ts';
import { mean, percentile, samplesMs, std, totalsOf, truths, writers } from './testdata/documents.ts';

const options = { writtenAt: new Date('2026-01-14T11:00:00Z') };
/** inference-perf names no model. */
const optionsOf = (tool: string) => (tool === 'inference-perf' ? { ...options, model: 'm' } : options);

/** As Python writes it. */
function asText(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? `@${value}@` : value,
  ).replaceAll(/"@(-?\w+)@"/g, '$1');
}

describe.each(writers)('a consistent result of $form', ({ tool, metrics, document }) => {
  test('is imported with the same figures and without a doubt', () => {
    fc.assert(
      fc.property(truths, (truth) => {
        const [imported, ...others] = readResults('x.json', asText(document(truth)), optionsOf(tool));
        expect(others).toEqual([]);
        expect(imported?.doubts).toEqual([]);
        const { input, output, completed, durationS } = totalsOf(truth);
        expect(imported?.result).toMatchObject({
          source: { tool },
          completed,
          total_input_tokens: input,
          total_output_tokens: output,
          max_concurrency: truth.streams,
          duration: expect.closeTo(durationS, 5),
        });
        const result = imported?.result ?? {};
        expect(Number(result.output_throughput) * durationS).toBeCloseTo(output, 2);
        expect(Number(result.total_token_throughput) * durationS).toBeCloseTo(input + output, 2);
        for (const metric of metrics) {
          const values = samplesMs(truth, metric);
          expect(result[`mean_${metric}_ms`]).toBeCloseTo(mean(values), 6);
          expect(result[`median_${metric}_ms`]).toBeCloseTo(percentile(values, 50), 6);
          expect(result[`p90_${metric}_ms`]).toBeCloseTo(percentile(values, 90), 6);
          expect(result[`p99_${metric}_ms`]).toBeCloseTo(percentile(values, 99), 6);
          if (`std_${metric}_ms` in result) expect(result[`std_${metric}_ms`]).toBeCloseTo(std(values), 6);
        }
      }),
      { numRuns: runs(10) },
    );
  });
});

/** Fields that are not figures, or that are not imported: a minimum only bounds the others. */
const notTaken = [
  /version|burstiness|concurrency|concurrent_requests|streams|stimulus|timestamp|requested_rate|request_rate/,
  /(?:time_to_first_token|inter_token_latency|time_per_output_token|latency)\w*(?:\.successful)?\.min$|_s_min$/,
  /request_totals\.total$|_token_count\.successful\.(?!mean|count|total_sum)/,
  /(?:request_latency|time_to_first_token_ms|inter_token_latency_ms)\.successful\.(?:count|total_sum)$/,
];

/** What a form states once only, so that nothing can contradict it. */
const statedOnce: Readonly<Record<string, RegExp>> = {
  'genai-perf': /request_count|input_sequence_length/,
  llmperf: /number_input_tokens|number_errors/,
  AIPerf: /sequence_length|error_request_count/,
  'AIPerf with records': /sequence_length|error_request_count/,
  GuideLLM: /errored|incomplete/,
  'GuideLLM 0.2 and 0.3': /errored|incomplete/,
};

const corruptions: readonly { readonly name: string; readonly of: (value: number) => number }[] = [
  { name: '1000 times as much', of: (value) => 1000 * value },
  { name: 'a thousandth', of: (value) => value / 1000 },
  { name: 'negative', of: (value) => -value },
  { name: 'nothing', of: () => 0 },
  { name: 'NaN', of: () => Number.NaN },
  { name: 'infinite', of: () => Number.POSITIVE_INFINITY },
];

/** Every number in a document, by the path to it. */
function numbersIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => numbersIn(each, [...path, name]));
}

function changed(value: unknown, path: readonly string[], change: (value: number) => number): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return change(Number(value));
  if (Array.isArray(value))
    return value.map((each, index) => (String(index) === name ? changed(each, rest, change) : each));
  return { ...Object(value), [name]: changed(Object(value)[name], rest, change) };
}

describe.each(writers)('one wrong figure in a result of $form', ({ form, tool, document }) => {
  test('is refused or said, never taken over in silence', () => {
    fc.assert(
      fc.property(truths, fc.nat(), fc.constantFrom(...corruptions), (truth, pick, corruption) => {
        const right = document(truth);
        const figures = numbersIn(right).filter((path) => {
          const field = path.join('.');
          return !notTaken.some((other) => other.test(field)) && statedOnce[form]?.test(field) !== true;
        });
        const path = figures[pick % figures.length] ?? [];
        const before = path.reduce<unknown>((value, name) => Object(value)[name], right);
        const after = corruption.of(Number(before));
        fc.pre(after !== before && before !== 0 && !Object.is(after, -0));
        const wrong = asText(changed(right, path, () => after));
        const [clean] = importResults('x.json', asText(right), optionsOf(tool));
        const said = attempt(() => importResults('x.json', wrong, optionsOf(tool)));
        const reasonsOf = (result: unknown): unknown => Object(Object(result).fidelity).reasons;
        const silent = said?.map(reasonsOf).every((reasons) => isDeepStrictEqual(reasons, reasonsOf(clean)));
        expect({ path: path.join('.'), became: after, silent: silent ?? false }).toMatchObject({
          silent: false,
        });
      }),
      { numRuns: runs(30) },
    );
  });
});

/** undefined if it is refused, with a message to the user. */
function attempt(action: () => readonly unknown[]): readonly unknown[] | undefined {
  try {
    return action();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return undefined;
  }
}
