import { describe, expect, test } from 'vitest';
import { importResults } from './index.ts';

/** 8 streams, 80 replies of 512 tokens, all as it should be. */
const right = {
  date: '20260301-101500',
  backend: 'vllm',
  model_id: 'example/model-8b',
  tokenizer_id: 'example/model-8b',
  num_prompts: 80,
  request_rate: 'inf',
  burstiness: 1,
  max_concurrency: 8,
  duration: 24.4,
  completed: 80,
  failed: 0,
  total_input_tokens: 81_920,
  total_output_tokens: 40_960,
  request_throughput: 80 / 24.4,
  output_throughput: 40_960 / 24.4,
  total_token_throughput: 122_880 / 24.4,
  request_goodput: 2,
  mean_ttft_ms: 126,
  median_ttft_ms: 120,
  std_ttft_ms: 24,
  p90_ttft_ms: 156,
  p99_ttft_ms: 240,
  mean_tpot_ms: 4.5,
  median_tpot_ms: 4.4,
  std_tpot_ms: 0.4,
  p90_tpot_ms: 5,
  p99_tpot_ms: 6,
  mean_itl_ms: 4.6,
  median_itl_ms: 4.4,
  std_itl_ms: 2,
  p90_itl_ms: 6,
  p99_itl_ms: 16,
  mean_e2el_ms: 2430,
  median_e2el_ms: 2400,
  std_e2el_ms: 200,
  p90_e2el_ms: 2700,
  p99_e2el_ms: 3100,
} as const;

const imported = (changes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const [result] = importResults('x.json', JSON.stringify({ ...right, ...changes }), {
    writtenAt: new Date(0),
  });
  return { ...result, reasons: Object(result?.fidelity).reasons };
};

test('what contradicts nothing is left as it is', () => {
  expect(imported({})).toMatchObject({
    ...right,
    fidelity: { verdict: 'unchecked' },
    reasons: [
      'the counts, rates and latencies in the file agree',
      'measured by vllm, which does not record its measurement error',
    ],
  });
});

const families = { ttft: 'TTFT', tpot: 'TPOT', itl: 'ITL', e2el: 'E2EL' } as const;
type Family = keyof typeof families;
const familyNames = ['ttft', 'tpot', 'itl', 'e2el'] as const satisfies readonly Family[];

describe('a latency that cannot be right is left out, and said with field and value', () => {
  test.each<[string, Record<string, number | null>, readonly Family[], string]>([
    [
      'nothing with tokens',
      { median_ttft_ms: 0 },
      ['ttft'],
      'median_ttft_ms is 0 ms with 40960 output tokens',
    ],
    ['nothing between tokens', { mean_itl_ms: 0 }, ['itl'], 'mean_itl_ms is 0 ms'],
    ['a TPOT of nothing', { p99_tpot_ms: 0 }, ['tpot'], 'p99_tpot_ms is 0 ms'],
    ['less than nothing', { mean_e2el_ms: -1 }, ['e2el'], 'mean_e2el_ms is -1 ms'],
    [
      'percentiles that fall',
      { p99_ttft_ms: 119 },
      ['ttft'],
      'p99_ttft_ms is 119 ms, below p90_ttft_ms is 156 ms',
    ],
    ['a median above p90', { median_itl_ms: 7 }, ['itl'], 'p90_itl_ms is 6 ms, below median_itl_ms is 7 ms'],
    [
      'a mean below the minimum',
      { min_tpot_ms: 4.6 },
      ['tpot'],
      'median_tpot_ms is 4.4 ms, below min_tpot_ms',
    ],
    [
      'a mean above the maximum',
      { max_itl_ms: 16, mean_itl_ms: 17, std_itl_ms: null },
      ['itl'],
      'mean_itl_ms is 17 ms, above max_itl_ms is 16 ms',
    ],
    [
      'a mean in seconds',
      { mean_ttft_ms: 0.126, std_ttft_ms: null },
      ['ttft'],
      'mean_ttft_ms is 0.126 ms, too little beside',
    ],
    ['a negative spread', { std_ttft_ms: -24 }, ['ttft'], 'std_ttft_ms is -24 ms'],
    ['a spread too small', { std_ttft_ms: 0.024 }, ['ttft'], 'for std_ttft_ms is 0.024 ms'],
    ['a spread too large', { std_e2el_ms: 200_000 }, ['e2el'], 'std_e2el_ms is 200000 ms, too much'],
    [
      'longer than the test',
      { p99_e2el_ms: 3_100_000 },
      ['e2el'],
      'p99_e2el_ms is 3100000 ms in a test of 24.4 s',
    ],
  ])('%s', (_, changes, without, reason) => {
    const result = imported(changes);
    expect(result.reasons).toContainEqual(expect.stringContaining(reason));
    expect(result).toMatchObject({ fidelity: { verdict: 'suspect' } });
    for (const family of familyNames) {
      const isLeftOut = without.includes(family);
      expect(result[`mean_${family}_ms`] === null).toBe(isLeftOut);
      expect(result[`p99_${family}_ms`] === null).toBe(isLeftOut);
    }
    for (const family of without)
      expect(result.reasons).toContainEqual(expect.stringContaining(`${families[family]} is left out`));
  });

  test('one that is not a number, and no other of the same file', () => {
    const [result] = importResults(
      'x.json',
      JSON.stringify({ ...right, mean_ttft_ms: 'NaN' }).replace('"NaN"', 'NaN'),
      { writtenAt: new Date(0) },
    );
    expect(result).toMatchObject({ mean_ttft_ms: null, median_ttft_ms: 120, p99_ttft_ms: 240 });
    expect(Object(result?.fidelity).reasons).toContain(
      'mean_ttft_ms is NaN msis not a number, and is dropped',
    );
  });
});

/** The different values of all latencies. */
function figuresOf(result: Readonly<Record<string, unknown>>): unknown[] {
  return [
    ...new Set(Object.entries(result).flatMap(([name, value]) => (name.endsWith('_ms') ? [value] : []))),
  ];
}

/** All figures of a latency times a factor, as another unit would have them. */
function scaled(family: Family, factor: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(right).flatMap(([name, value]) =>
      name.endsWith(`_${family}_ms`) ? [[name, Number(value) * factor]] : [],
    ),
  );
}

describe('latencies that contradict each other', () => {
  test.each<[string, Record<string, number | null>, readonly Family[], string]>([
    [
      'E2EL below TTFT: neither is known, nor what follows from them',
      scaled('e2el', 0.001),
      ['e2el', 'ttft', 'tpot'],
      'mean_e2el_ms is 2.43 ms, below mean_ttft_ms is 126 ms: both and TPOT are dropped',
    ],
    [
      'TPOT of half the time',
      scaled('tpot', 0.45),
      ['tpot'],
      'but 4.509 ms follows, as mean_e2el_ms is 2430 ms',
    ],
    ['TPOT in microseconds', scaled('tpot', 1000), ['tpot'], 'mean_tpot_ms is 4500 ms, but 4.509 ms follows'],
    ['ITL of half the time', scaled('itl', 0.45), ['itl'], 'mean_itl_ms is 2.07 ms, but 4.509 ms follows'],
    ['E2EL in microseconds', scaled('e2el', 1000), ['e2el'], 'ms in a test of 24.4 s: E2EL is left out'],
    [
      'TTFT in seconds',
      scaled('ttft', 0.001),
      ['ttft', 'tpot'],
      'mean_ttft_ms is 0.126 ms, far below mean_tpot_ms',
    ],
  ])('%s', (_, changes, without, reason) => {
    const result = imported(changes);
    expect(result.reasons).toContainEqual(expect.stringContaining(reason));
    for (const family of familyNames)
      expect(result[`median_${family}_ms`] === null).toBe(without.includes(family));
  });

  test('all in seconds: too short for the streams that were asked for', () => {
    const seconds = { ...scaled('ttft', 0.001), ...scaled('tpot', 0.001), ...scaled('itl', 0.001) };
    const result = imported({ ...seconds, ...scaled('e2el', 0.001) });
    expect(figuresOf(result)).toEqual([null]);
    expect(result.reasons).toContainEqual(
      expect.stringMatching(/0\.007\d* requests in flight, but max_concurrency is 8/),
    );
  });

  test('more requests in flight than were allowed are said', () => {
    const { reasons } = imported({ max_concurrency: 2 });
    expect(reasons).toContainEqual(
      expect.stringMatching(/7\.9\d* requests in flight, but max_concurrency is 2$/),
    );
  });

  test('replies of one token have no TPOT and no ITL', () => {
    const one = {
      total_output_tokens: 80,
      output_throughput: 80 / 24.4,
      total_token_throughput: 82_000 / 24.4,
    };
    const result = imported({ ...one, ...scaled('e2el', 0.1), ...scaled('tpot', 0), ...scaled('itl', 0) });
    expect(result).toMatchObject({ mean_ttft_ms: 126, mean_e2el_ms: 243 });
    expect(result).toMatchObject({ mean_tpot_ms: null, p99_tpot_ms: null, mean_itl_ms: null });
    expect(result.reasons).toContain(
      'total_output_tokens is 80 in 80 replies: replies of one token have no TPOT or ITL',
    );
  });
});

describe('counts', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    [
      'more completed than asked',
      { num_prompts: 79 },
      { num_prompts: null, failed: null, completed: 80 },
      'completed is 80, more than num_prompts of 79: num_prompts and failed are dropped',
    ],
    [
      'more failed than asked',
      { failed: 7 },
      { num_prompts: null, failed: null },
      'failed is 7 and completed 80, together more than num_prompts of 80',
    ],
    ['failed less than none', { failed: -1 }, { failed: null }, 'failed is -1, which is not a count'],
    [
      'a part of a request',
      { num_prompts: 80.5 },
      { num_prompts: null },
      'num_prompts is 80.5, which is not a count',
    ],
    [
      'no prompt tokens',
      { total_input_tokens: 0 },
      { total_input_tokens: null, total_token_throughput: null, output_throughput: right.output_throughput },
      'total_input_tokens is 0, fewer than the 80 prompts that were answered',
    ],
    [
      'prompt tokens that are not a count',
      { total_input_tokens: 2 ** 53 },
      { total_input_tokens: null, total_token_throughput: null },
      'total_input_tokens is 9007199254740992, which is not a count',
    ],
    [
      'a sum that does not follow',
      { total_token_throughput: 9000 },
      { total_input_tokens: null, total_token_throughput: null },
      'total_token_throughput is 9000, but 5036.07 follows',
    ],
    [
      'more good replies than replies',
      { request_goodput: 4 },
      { request_goodput: null },
      'request_goodput is 4, but at most 3.278688524590164 requests a second completed',
    ],
    [
      'unknown failures',
      { num_prompts: null, failed: null },
      { failed: null },
      'the number of failed requests is unknown',
    ],
  ])('%s', (_, changes, expected, reason) => {
    const result = imported(changes);
    expect(result).toMatchObject(expected);
    expect(result.reasons).toContainEqual(expect.stringContaining(reason));
  });

  test.each<[Record<string, unknown>, string]>([
    [{ duration: 0 }, 'duration is 0 s, which is too short'],
    [{ duration: -24.4 }, 'duration is -24.4 s'],
    [{ completed: -80 }, 'completed is -80, which is not a count'],
    [{ completed: 79.5 }, 'completed is 79.5, which is not a count'],
    [{ total_output_tokens: -1 }, 'total_output_tokens is -1, which is not a count'],
    [{ total_output_tokens: 40_960.5 }, 'total_output_tokens is 40960.5, which is not a count'],
    [{ total_output_tokens: 2 ** 53 }, 'total_output_tokens is 9007199254740992, which is not a count'],
    [{ total_output_tokens: 0 }, 'total_output_tokens is 0 although 80 requests completed'],
    [{ completed: 0, failed: 80 }, 'total_output_tokens is 40960 although no request completed'],
    [
      { output_throughput: 2000 },
      'output_throughput is 2000, but 1678.69 follows from 80 completed requests',
    ],
    [{ output_throughput: -1678.69 }, 'output_throughput is -1678.69, but 1678.69 follows'],
    [{ request_throughput: 32.8 }, 'request_throughput is 32.8, but 3.27869 follows'],
    [{ completed: 40 }, 'request_throughput is 3.27868'],
  ])('too much depends on %j: it is refused', (changes, message) => {
    expect(() => imported(changes)).toThrow(
      "x.json: vLLM's `bench serve --save-result` cannot be believed: ",
    );
    expect(() => imported(changes)).toThrow(message);
  });

  test('a result without a reply is invalid and has no latencies', () => {
    const nothing = { completed: 0, failed: 80, total_input_tokens: 0, total_output_tokens: 0 };
    const rates = {
      request_throughput: 0,
      output_throughput: 0,
      total_token_throughput: 0,
      request_goodput: 0,
    };
    const zeros = Object.assign({}, ...familyNames.map((family) => scaled(family, 0)));
    const result = imported({ ...nothing, ...rates, ...zeros });
    expect(result).toMatchObject({ completed: 0, failed: 80, fidelity: { verdict: 'invalid' } });
    expect(result.reasons).toEqual(
      expect.arrayContaining(['no request completed', '80 of 80 requests failed']),
    );
    expect(figuresOf(result)).toEqual([null]);
  });

  test('a result of which many requests failed is as invalid as ours would be', () => {
    const fewer = { num_prompts: 90, failed: 10 };
    expect(imported(fewer)).toMatchObject({ failed: 10, fidelity: { verdict: 'invalid' } });
  });

  test('requests that neither completed nor failed are said', () => {
    expect(imported({ num_prompts: 90 }).reasons).toContain('10 of 90 requests neither completed nor failed');
  });
});

describe('the detail of each request', () => {
  const detail = {
    input_lens: new Array<number>(80).fill(1024),
    output_lens: new Array<number>(80).fill(512),
    ttfts: new Array<number>(80).fill(0.126),
    itls: new Array<number[]>(80).fill([0.0046]),
    errors: new Array<string>(80).fill(''),
  };

  test('is kept if it adds up', () => {
    expect(imported(detail)).toMatchObject(detail);
  });

  test.each<[Record<string, unknown>, string, readonly string[]]>([
    [{ output_lens: [1, 2] }, 'output_lens covers 2 requests, but input_lens covers 80', []],
    [
      { output_lens: detail.output_lens.with(7, 511) },
      'output_lens add up to 40959, but total_output_tokens is 40960',
      [],
    ],
    [{ ttfts: detail.ttfts.with(7, 0) }, 'ttfts[7] is 0 s with 512 output tokens', ['ttft', 'tpot']],
    [
      { ttfts: detail.ttfts.map((seconds) => 1000 * seconds) },
      'mean_ttft_ms is 126 ms, but ttfts',
      ['ttft', 'tpot'],
    ],
    [{ ttfts: detail.ttfts.with(7, -1) }, 'ttfts.7 of the detail is not what it should be', []],
    [{ errors: 'none' }, 'errors of the detail is not what it should be', []],
  ])('is left out if not', (changes, reason, without) => {
    const result = imported({ ...detail, ...changes });
    expect(result.reasons).toContainEqual(expect.stringContaining(reason));
    for (const field of Object.keys(detail)) expect(result).not.toHaveProperty(field);
    for (const family of familyNames)
      expect(result[`mean_${family}_ms`] === null).toBe(without.includes(family));
  });
});
