import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../package-root.ts';
import { textOfBytes } from '../json-text.ts';
import { importResults } from './index.ts';
import { otherFormats } from './other-formats.ts';
import { truths, writers } from './testdata/documents.ts';

const writtenAt = new Date('2026-01-14T11:00:00Z');
const [truth] = fc.sample(truths, { numRuns: 1, seed: 7 });
const documentOf = (form: string): Record<string, unknown> => {
  const writer = writers.find((each) => each.form === form);
  if (writer === undefined || truth === undefined) throw new RangeError(`no document of ${form}`);
  return { ...writer.document(truth) };
};
const importOf = (document: unknown, options = {}) => {
  const python = JSON.stringify(document, (_, value: unknown) =>
    value === Number.POSITIVE_INFINITY ? '@Infinity@' : value,
  ).replaceAll('"@Infinity@"', 'Infinity');
  return importResults('x.json', python, { writtenAt, ...options });
};
const reasonsOf = (result: unknown): unknown => Object(Object(result).fidelity).reasons;

describe('vLLM and the public client', () => {
  test.each([
    'request_goodput:',
    'request_goodput',
    'Request_Goodput',
    'REQUEST_GOODPUT: ',
    'request_goodput :',
  ])('the goodput is read from %j', (key) => {
    const [result] = importOf({ ...documentOf('the public client'), [key]: 0.25 });
    expect(result).toMatchObject({ request_goodput: 0.25 });
  });

  test('a key of another case is read, of any field', () => {
    const { mean_ttft_ms: meanTtftMs, completed, ...rest } = documentOf('vLLM');
    const [result] = importOf({ ...rest, Mean_TTFT_ms: meanTtftMs, Completed: completed });
    expect(result).toMatchObject({ mean_ttft_ms: meanTtftMs, completed });
  });

  test('one field with two values is refused', () => {
    const twice = { ...documentOf('the public client'), request_goodput: 0.25, 'request_goodput:': 0.5 };
    expect(() => importOf(twice)).toThrow('x.json: it has request_goodput twice, with different values');
  });

  test('figures of speculative decoding are kept', () => {
    const speculative = {
      spec_decode_acceptance_rate: 61.5,
      spec_decode_acceptance_length: 2.9,
      spec_decode_num_drafts: 400,
      spec_decode_per_position_acceptance_rates: [0.8, 0.6],
    };
    const [result] = importOf({
      ...documentOf('vLLM'),
      ...speculative,
      max_concurrent_requests: 9,
      secret: 'x',
    });
    expect(result).toMatchObject({ ...speculative, max_concurrent_requests: 9 });
    expect(result).not.toHaveProperty('secret');
  });

  test('appended results and lists are one result each', () => {
    const line = JSON.stringify(documentOf('vLLM'));
    for (const text of [`${line}\n${line}\n`, `\n${line}\n${line}`, `[${line}, ${line}]`, `${line}${line}`]) {
      expect(importResults('x.json', text, { writtenAt })).toHaveLength(2);
    }
    expect(() => importResults('x.json', `${line}\n{"a": 1}`, { writtenAt })).toThrow(
      'x.json:2: result 2 of 2: not a result of a known tool',
    );
  });
});

describe('SGLang', () => {
  const { total_throughput: _, ...older } = documentOf('SGLang');

  test('failures that are not written are not known; with details they are, with or without a text', () => {
    expect(importOf(documentOf('SGLang'))).toMatchObject([{ failed: null, num_prompts: null }]);
    const completed = Number(older.completed);
    const errors = [...new Array<string>(completed + 1).fill(''), 'reset'];
    const [result] = importOf({ ...documentOf('SGLang'), errors });
    expect(result).toMatchObject({ failed: 2, num_prompts: completed + 2 });
  });

  test('without a total it is the sum', () => {
    const [result] = importOf(older);
    const sum = Number(older.input_throughput) + Number(older.output_throughput);
    expect(result).toMatchObject({ total_token_throughput: expect.closeTo(sum, 6) });
  });

  test('its first form has different names', () => {
    const { duration, total_input_tokens: input, total_output_tokens: output, completed, ...rest } = older;
    const [result] = importOf(
      {
        backend: 'sglang',
        dataset_name: 'random',
        request_rate: Number.POSITIVE_INFINITY,
        completed,
        total_input: input,
        total_output: output,
        benchmark_duration: duration,
        mean_e2e_latency: rest.mean_e2e_latency_ms,
        median_e2e_latency: rest.median_e2e_latency_ms,
        median_ttft: rest.median_ttft_ms,
        median_itl: rest.median_itl_ms,
        output_token_throughput: rest.output_throughput,
      },
      { model: 'm' },
    );
    expect(result).toMatchObject({
      duration,
      total_input_tokens: input,
      total_output_tokens: output,
      max_concurrency: null,
      median_ttft_ms: rest.median_ttft_ms,
      median_e2el_ms: rest.median_e2e_latency_ms,
    });
  });

  test('a trace keeps its word for the rate, and the model has to be given', () => {
    const trace = { ...documentOf('SGLang'), request_rate: 'trace', server_info: null };
    expect(importOf(trace, { model: 'm' })).toMatchObject([{ request_rate: 'trace', model_id: 'm' }]);
    expect(() => importOf(trace)).toThrow('the served model is missing; pass --model');
  });

  test('tokens that no text bears out are not believed', () => {
    const output = Number(older.total_output_tokens);
    const counted = (again: number) => ({ ...documentOf('SGLang'), total_output_tokens_retokenized: again });
    expect(() => importOf(counted(0))).toThrow(
      `total_output_tokens_retokenized is 0 beside total_output_tokens of ${output}: the text does not match the tokens`,
    );
    const [result] = importOf(counted(Math.floor(output / 4)));
    expect(result).toMatchObject({ mean_tpot_ms: null });
    expect(result).toMatchObject({ mean_ttft_ms: null });
    expect(result).toMatchObject({ mean_e2el_ms: expect.any(Number) });
    expect(reasonsOf(result)).toContainEqual(expect.stringContaining('total_output_tokens_retokenized is'));
  });
});

describe('AIPerf and genai-perf', () => {
  const latency = (unit: string) => {
    const document = documentOf('AIPerf');
    return { ...document, time_to_first_token: { ...Object(document.time_to_first_token), unit } };
  };

  test('an unknown unit of time is said, and the latency left out', () => {
    const [result] = importOf(latency('fortnights'));
    expect(result).not.toHaveProperty('mean_ttft_ms');
    expect(reasonsOf(result)).toContain(
      "time_to_first_token is in 'fortnights', which is not a unit of time: it is dropped",
    );
  });

  test('a unit that contradicts the others is said, and the latency left out', () => {
    const [result] = importOf(latency('sec'));
    expect(result).toMatchObject({ mean_ttft_ms: null });
    expect(reasonsOf(result)).toContainEqual(expect.stringContaining('_ttft_ms (time_to_first_token) is '));
  });

  test('cancelled tests stay partial', () => {
    const [result] = importOf({ ...documentOf('AIPerf'), was_cancelled: true });
    expect(result).toMatchObject({ partial: true });
    expect(reasonsOf(result)).toContain('the test was stopped early');
  });

  test('failures are counted, summed up, or not known', () => {
    const { error_request_count: _, error_summary: __, ...silent } = documentOf('AIPerf');
    expect(importOf(silent)).toMatchObject([{ failed: null, num_prompts: null }]);
    const completed = Object(silent.request_count).avg;
    expect(importOf({ ...silent, error_summary: [{ count: 1, error_details: {} }] })).toMatchObject([
      { failed: 1, num_prompts: completed + 1 },
    ]);
    expect(importOf(documentOf('genai-perf'))).toMatchObject([{ failed: null, num_prompts: null }]);
  });

  test('records are read as a list as well', () => {
    const { records, ...rest } = documentOf('AIPerf with records');
    const list = Object.entries(Object(records)).map(([tag, record]) => ({ ...Object(record), tag }));
    const { median_ttft_ms: medianTtftMs } = importOf({ ...rest, records })[0] ?? {};
    expect(importOf({ ...rest, records: list })).toMatchObject([{ median_ttft_ms: medianTtftMs }]);
  });

  test('genai-perf before it wrote the settings in groups', () => {
    const [result] = importOf({
      ...documentOf('genai-perf'),
      input_config: { model: ['m'], concurrency: 8 },
    });
    expect(result).toMatchObject({ model_id: 'm', max_concurrency: 8, request_rate: 'inf' });
  });
});

describe('GuideLLM', () => {
  const changed = (change: (benchmark: Record<string, unknown>) => Record<string, unknown>) => {
    const document = documentOf('GuideLLM 0.2 and 0.3');
    const [benchmark] = Object(document).benchmarks;
    return { ...document, benchmarks: [change(benchmark)] };
  };

  test('counts are found where its versions have them', () => {
    const expected = importOf(documentOf('GuideLLM 0.2 and 0.3'));
    const older = changed(({ request_totals: counts, ...rest }) => ({ ...rest, total_count: counts }));
    expect(importOf(older)).toEqual(expected);
  });

  test('requests cut off at the end have neither completed nor failed', () => {
    const cut = changed((benchmark) => ({
      ...benchmark,
      request_totals: { ...Object(benchmark.request_totals), incomplete: 3 },
    }));
    const [result] = importOf(cut);
    const { completed, failed, num_prompts: asked } = result ?? {};
    expect(asked).toBe(Number(completed) + Number(failed) + 3);
    expect(reasonsOf(result)).toContain(`3 of ${asked} requests neither completed nor failed`);
  });

  test('a latency in milliseconds where seconds are written is not believed', () => {
    const mixed = changed((benchmark) => {
      const metrics = Object(benchmark.metrics);
      const stated = metrics.request_latency.successful;
      const times = (value: unknown): unknown => (typeof value === 'number' ? 1000 * value : value);
      const inMs = Object.fromEntries(Object.entries(stated).map(([name, value]) => [name, times(value)]));
      const percentiles = Object.fromEntries(
        Object.entries(stated.percentiles).map(([name, value]) => [name, times(value)]),
      );
      return {
        ...benchmark,
        metrics: { ...metrics, request_latency: { successful: { ...inMs, percentiles } } },
      };
    });
    const [result] = importOf(mixed);
    expect(result).toMatchObject({ mean_e2el_ms: null });
    expect(reasonsOf(result)).toContainEqual(expect.stringContaining('_e2el_ms (request_latency) is '));
  });

  test('a test without streaming has no TTFT', () => {
    const without = changed((benchmark) => ({
      ...benchmark,
      metrics: {
        ...Object(benchmark.metrics),
        time_to_first_token_ms: null,
        inter_token_latency_ms: { successful: null },
      },
    }));
    const [result] = importOf(without);
    expect(result).not.toHaveProperty('mean_ttft_ms');
    expect(result).toMatchObject({ mean_e2el_ms: expect.any(Number) });
  });

  test('one of several benchmarks that cannot be believed is named', () => {
    const document = documentOf('GuideLLM');
    const [benchmark] = Object(document).benchmarks;
    const ended = { ...benchmark, end_time: benchmark.start_time };
    expect(() => importOf({ ...document, benchmarks: [benchmark, ended] })).toThrow(
      "x.json: benchmark 2 of 2: GuideLLM's benchmarks.json cannot be believed: duration is 0 s",
    );
  });
});

test('llmperf and inference-perf need to say how long they measured', () => {
  const { results_num_completed_requests_per_min: _, ...summary } = documentOf('llmperf');
  expect(() => importOf(summary)).toThrow(
    /not llmperf's \*_summary\.json: results_num_completed_requests_per_min: it is missing/,
  );
  const stage = {
    load_summary: { count: 100 },
    successes: { count: 100, latency: {}, throughput: { output_tokens_per_sec: 100 } },
    failures: { count: 0 },
  };
  expect(() => importOf(stage, { model: 'm' })).toThrow('the duration is missing');
});

test('two counts for every token, as inference-perf took them in 2025, do not give a TPOT', () => {
  const document = documentOf('inference-perf');
  const successes = Object(document.successes);
  const halved = (figures: unknown) =>
    Object.fromEntries(Object.entries(Object(figures)).map(([name, value]) => [name, Number(value) * 0.48]));
  const latency = {
    ...successes.latency,
    time_per_output_token: halved(successes.latency.time_per_output_token),
    inter_token_latency: halved(successes.latency.inter_token_latency),
  };
  const [result] = importOf({ ...document, successes: { ...successes, latency } }, { model: 'm' });
  expect(result).toMatchObject({ mean_itl_ms: null });
  expect(result).toMatchObject({ mean_ttft_ms: expect.any(Number) });
  expect(reasonsOf(result)).toContainEqual(
    expect.stringMatching(/^mean_itl_ms \(inter_token_latency\) is .* follows/),
  );
});

describe('what is known and not imported is refused by name', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a raw result of inferencemax', { model_id: 'm', fidelity: {}, started_at: 1, request_rate: 'inf' }],
    ['an aggregate row', { hw: 'h100', conc: 4, tput_per_gpu: 1 }],
    [
      "vLLM's `bench throughput`",
      { elapsed_time: 1, num_requests: 1, total_num_tokens: 1, tokens_per_second: 1 },
    ],
    ["vLLM's `bench latency`", { avg_latency: 1, latencies: [1], percentiles: {} }],
    ["SGLang's `bench_one_batch`", { run_name: 'x', batch_size: 1, input_len: 1, output_len: 1 }],
    ["AIPerf's profile_export.jsonl", { metadata: { request_start_ns: 1 }, metrics: {}, error: null }],
    ["perf_analyzer's profile_export.json", { experiments: [], version: '', service_kind: 'openai' }],
    ['a report of GuideLLM before version 0.2', { benchmarks: [{ benchmarks: [], args: {} }] }],
    [
      "llmperf's *_individual_responses.json",
      { end_to_end_latency_s: 1, number_output_tokens: 1, request_output_throughput_token_per_s: 1 },
    ],
    [
      "inference-perf's metrics of the server",
      { load_summary: {}, successes: { count: 1, rate: 1 }, failures: {} },
    ],
    [
      "inference-perf's per_request_lifecycle_metrics.json",
      { start_time: 1, end_time: 2, request: '', info: {} },
    ],
  ])('%s', (title, document) => {
    expect(() => importOf(document)).toThrow(`it is ${title}`);
    expect(() => importOf([document])).toThrow(`it is ${title}`);
  });

  test("vLLM's embeddings", () => {
    const { total_output_tokens: _, output_throughput: __, ...embedding } = documentOf('vLLM');
    expect(() => importOf(embedding)).toThrow(
      'embeddings or another task without output, which is not imported',
    );
  });

  test('none of what is read is taken for one of them', () => {
    for (const { form } of writers) expect(importOf(documentOf(form), { model: 'm' })).toHaveLength(1);
    expect(otherFormats.length).toBeGreaterThan(0);
  });
});

test('what is not known is answered with the nearest', () => {
  expect(() => importOf({ records: {}, input_config: {} })).toThrow(
    /a known tool: .*; the nearest is AIPerf's older export.*: it has records, input_config, but has a different structure/,
  );
  for (const text of ['5', 'null', '"x"', '[[1]]', '{"__proto__": 1, "constructor": 2}'])
    expect(() => importResults('x.json', text, { writtenAt })).toThrow(
      'x.json: not a result of a known tool',
    );
  const { duration: _, ...rest } = documentOf('vLLM');
  expect(() => importOf(rest)).toThrow(
    /a known tool: .*; the nearest is .* has date, model_id, request_rate, completed, total_output_tokens, but lacks duration \(name the tool/,
  );
});

const shared = join(packageRoot, '../shared/findings/load/imports');
describe.skipIf(!existsSync(shared))('files of people who reported them (skipped: no ../shared)', () => {
  const read = (name: string, options = {}) =>
    importResults(name, textOfBytes(name, readFileSync(join(shared, name))), { writtenAt, ...options });

  test.each<[string, Record<string, unknown>[], Record<string, unknown>?]>([
    ['public-goodput-colon.json', [{ request_goodput: 1.75, source: { tool: 'public' } }]],
    ['sglang-gsp.jsonl', [{ failed: null, num_prompts: null, completed: 70 }]],
    ['sglang-crlf.jsonl', [{ max_concurrency: 1 }, { max_concurrency: 2, median_e2el_ms: 3900 }]],
    ['sglang-trace.jsonl', [{ request_rate: 'trace', median_ttft_ms: 118 }], { model: 'm' }],
    ['vllm-nan.json', [{ median_ttft_ms: 120.5, max_concurrency: 8 }]],
    ['vllm-append.json', [{ max_concurrency: 1 }, { max_concurrency: 2 }]],
    ['vllm-append-leading-newline.json', [{ max_concurrency: 1 }, { max_concurrency: 2 }]],
    ['vllm-sweep-summary.json', [{ max_concurrency: 1 }, { max_concurrency: 2 }]],
    ['vllm-spec-decode.json', [{ spec_decode_acceptance_rate: 61.5, spec_decode_acceptance_length: 2.9 }]],
    ['vllm-bom.json', [{ completed: 80 }]],
    ['vllm-utf16.json', [{ completed: 80 }]],
    ['vllm-all-failed.json', [{ failed: 80, fidelity: { verdict: 'invalid' } }]],
    ['vllm-2024-06.json', [{ source: { tool: 'vllm' }, total_token_throughput: 3072, median_tpot_ms: 4.5 }]],
    ['aiperf-cancelled.json', [{ partial: true }]],
    ['aiperf-no-stream.json', [{ median_e2el_ms: 4700 }]],
    ['aiperf-no-start.json', [{ completed: 80 }]],
    ['aiperf-empty-config.json', [{ completed: 80 }], { model: 'm' }],
    ['aiperf-unit-word.json', [{ median_e2el_ms: 4700 }]],
    ['aiperf-records.json', [{ median_tpot_ms: 4.5, max_concurrency: 8, source: { tool: 'aiperf' } }]],
    ['genai-perf.json', [{ completed: 100, median_ttft_ms: 49, total_output_tokens: 12_800, failed: null }]],
    [
      'guidellm-0.2.json',
      [{ completed: 10, median_e2el_ms: 5000, median_tpot_ms: 38.5, model_id: 'example/model-8b' }],
    ],
    [
      'guidellm-0.3.json',
      [{ completed: 10, median_ttft_ms: 50, max_concurrency: 8, output_throughput: 128 }],
    ],
  ])('%s', (name, expected, options) => {
    expect(read(name, options)).toMatchObject(expected);
  });

  test.each([
    ['vllm-embedding.json', "it is vLLM's `bench serve` of embeddings"],
    ['vllm-throughput.json', "it is vLLM's `bench throughput`"],
    ['llmperf-summary.json', "not llmperf's *_summary.json"],
    ['inference-perf-stage.json', 'the duration is missing'],
  ])('%s is refused by name', (name, message) => {
    expect(() => read(name, { model: 'm' })).toThrow(message);
  });
});
