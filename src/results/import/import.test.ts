import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defined } from '../../defined/defined.ts';
import { importResults } from './index.ts';
import { importFiles } from './write.ts';

const fixture = (name: string): string => new URL(`testdata/${name}`, import.meta.url).pathname;
const writtenAt = new Date('2026-01-14T11:00:00Z');
const imported = async (name: string, options = {}) =>
  importResults(name, await readFile(fixture(name), 'utf8'), { writtenAt, ...options });

const unchecked = {
  verdict: 'unchecked',
  reasons: expect.arrayContaining([expect.stringMatching(/^measured by /)]),
};
const suspect = { ...unchecked, verdict: 'suspect' };

describe('results of other tools become raw results', () => {
  test("of vLLM's bench serve", async () => {
    const [result, ...others] = await imported('vllm.json');
    expect(others).toEqual([]);
    expect(result).toMatchObject({
      date: '20260114-101500',
      model_id: 'example/model-8b',
      max_concurrency: 8,
      duration: 40,
      completed: 78,
      failed: 2,
      output_throughput: 1996.8,
      total_token_throughput: 3993.6,
      median_ttft_ms: 120.5,
      median_tpot_ms: 4.5,
      p99_itl_ms: 8.8,
      request_rate: 'inf',
      source: { tool: 'vllm' },
      fidelity: { verdict: 'suspect', reasons: expect.arrayContaining(['2 of 80 requests failed']) },
    });
    expect(result).not.toHaveProperty('request_goodput');
  });

  test('as vLLM 0.32.0 and SGLang 0.5.23 wrote them of the same mock server', async () => {
    const [ofVllm] = await imported('vllm-0.32.0.json');
    expect(ofVllm).toMatchObject({
      source: { tool: 'vllm' },
      model_id: 'mock',
      max_concurrency: 8,
      completed: 40,
      failed: 0,
      request_rate: 'inf',
      request_goodput: 42.10231333683321,
      median_ttft_ms: 33.505095500004245,
      'p99.9_itl_ms': 18.159218536698983,
      median_e2el_ms: 188.65366499994707,
    });
    const [ofSglang] = await imported('sglang-0.5.23.jsonl', { model: 'mock' });
    expect(ofSglang).toMatchObject({
      source: { tool: 'sglang' },
      model_id: 'mock',
      max_concurrency: 8,
      completed: 40,
      failed: null,
      request_rate: 'inf',
      total_token_throughput: 2833.995436094699,
      median_ttft_ms: 33.09506500045245,
      median_e2el_ms: 188.82981949991517,
    });
  });

  test('of the public client, which is not taken for vLLM', async () => {
    const [result] = await imported('public-client.json');
    expect(result).toMatchObject({
      median_e2el_ms: 4700,
      'p99.9_ttft_ms': 300.25,
      completed: 80,
      failed: 0,
      source: { tool: 'public' },
      fidelity: unchecked,
    });
  });

  test('of SGLang, one on every line, with its end-to-end latency under our name', async () => {
    const [four, eight] = await imported('sglang.jsonl');
    expect(four).toMatchObject({
      model_id: 'example/model-8b',
      max_concurrency: 4,
      completed: 40,
      request_rate: 'inf',
      median_e2el_ms: 4600,
      p95_e2el_ms: 7000,
      median_ttft_ms: 90,
      median_itl_ms: 4.6,
      output_throughput: 744,
      total_token_throughput: 1481.28,
      duration: 50,
      // It records no time: the file was written when it was done.
      started_at: writtenAt.getTime() / 1000 - 50,
      source: { tool: 'sglang' },
      fidelity: unchecked,
    });
    expect(eight).toMatchObject({ max_concurrency: 8 });
  });

  test("of AIPerf, whose inter-token latency is the contract's TPOT", async () => {
    const [result] = await imported('aiperf.json');
    expect(result).toMatchObject({
      model_id: 'example/model-8b',
      max_concurrency: 8,
      completed: 80,
      failed: 1,
      duration: 40,
      total_input_tokens: 81_920,
      output_throughput: 2048,
      total_token_throughput: 4096,
      median_ttft_ms: 120,
      median_tpot_ms: 4.5,
      p99_tpot_ms: 9,
      mean_e2el_ms: 4935,
      source: { tool: 'aiperf', version: '0.13.0' },
      fidelity: suspect,
      started_at: new Date('2026-01-14T10:15:00.250').getTime() / 1000,
    });
    expect(result).not.toHaveProperty('median_itl_ms');
    const [older] = await imported('aiperf-older.json');
    expect(older).toMatchObject({
      model_id: 'example/model-8b',
      max_concurrency: 8,
      completed: 80,
      failed: 0,
      total_output_tokens: 80_000,
      output_throughput: 2000,
      total_token_throughput: 4000,
    });
  });

  test('of GuideLLM, one for each benchmark, without its own TPOT, which counts the first token in', async () => {
    const results = await imported('guidellm.json');
    expect(results).toMatchObject([
      { max_concurrency: 1, request_rate: 'inf', completed: 10 },
      {
        max_concurrency: 4,
        completed: 40,
        duration: 20,
        model_id: 'example/model-8b',
        total_input_tokens: 42_000,
        output_throughput: 2100,
        total_token_throughput: 4200,
        median_tpot_ms: 4.5,
        median_ttft_ms: 110,
        median_e2el_ms: 4700,
        'p99.9_ttft_ms': 231,
        source: { tool: 'guidellm', version: '0.8.1' },
        fidelity: suspect,
        started_at: 1768385760.5,
      },
      { max_concurrency: null, request_rate: 2 },
    ]);
  });

  test('what the caller knows better wins', async () => {
    const [result] = await imported('guidellm.json', { model: 'org/served', concurrency: 64 });
    expect(result).toMatchObject({ model_id: 'org/served', max_concurrency: 64 });
  });
});

describe('a file that is not a result', () => {
  const refused = (text: string, from?: string) => () =>
    importResults('x.json', text, { writtenAt, ...defined({ from }) });

  test('is refused with the tools that are known', () => {
    expect(refused('{"a": 1}')).toThrow(
      'x.json: not a result of a known tool: public, vllm, sglang, aiperf, genai-perf, guidellm, llmperf, inference-perf',
    );
    expect(refused('{')).toThrow(/x\.json:1:2: not JSON/);
    expect(refused('{}\n{')).toThrow(/x\.json:2:2: not JSON/);
    expect(refused('')).toThrow(/x\.json: not JSON/);
    expect(refused('[]')).toThrow('x.json: it is empty');
  });

  test('of a named tool is refused with what is missing', () => {
    expect(refused('{"a": 1}', 'aiperf')).toThrow(
      /not AIPerf's profile_export_aiperf\.json: [\s\S]*request_latency/,
    );
    expect(refused('{}', 'wrk')).toThrow("no results of 'wrk' can be imported");
  });
});

describe('importFiles', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'import-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('writes one raw result for each, and its row where the job is known', async () => {
    const environment = {
      RUNNER_TYPE: 'h200',
      FRAMEWORK: 'sglang',
      PRECISION: 'fp8',
      SPEC_DECODING: 'none',
      ISL: '1024',
      OSL: '1024',
      DISAGG: 'false',
      MODEL_PREFIX: 'model',
      IMAGE: 'sglang:v1',
      TP: '8',
      EP_SIZE: '1',
      DP_ATTENTION: 'false',
    };
    const written = await importFiles([fixture('sglang.jsonl'), fixture('vllm.json')], {
      outDir: folder,
      environment,
    });
    expect(written.map(({ tool }) => tool)).toEqual(['sglang', 'sglang', 'vllm']);
    expect((await readdir(folder)).toSorted()).toEqual([
      'agg_sglang_1.json',
      'agg_sglang_2.json',
      'agg_vllm.json',
      'sglang_1.json',
      'sglang_2.json',
      'vllm.json',
    ]);
    expect(JSON.parse(await readFile(join(folder, 'agg_sglang_2.json'), 'utf8'))).toMatchObject({
      hw: 'h200',
      conc: 8,
      tput_per_gpu: 2962.56 / 8,
      median_e2el: 4.6,
      median_ttft: 0.09,
    });
    expect(JSON.parse(await readFile(join(folder, 'sglang_1.json'), 'utf8')).source).toEqual({
      tool: 'sglang',
      file: 'sglang.jsonl',
    });
  });

  test('says which result of how many each is, and what of it is left out', async () => {
    const line = (await readFile(fixture('vllm.json'), 'utf8')).replaceAll('\n', '');
    const file = join(folder, 'lines.json');
    await writeFile(file, `${line}\n${line.replace('"median_ttft_ms": 120.5', '"median_ttft_ms": 0')}\n`);
    const written = await importFiles([file], { outDir: join(folder, 'out') });
    expect(written).toEqual([
      { file: join(folder, 'out', 'lines_1.json'), tool: 'vllm', result: 1, of: 2, doubts: [] },
      {
        file: join(folder, 'out', 'lines_2.json'),
        tool: 'vllm',
        result: 2,
        of: 2,
        doubts: ['median_ttft_ms is 0 ms with 79872 output tokens in 78 replies: TTFT is left out'],
      },
    ]);
  });

  test('never writes over what it reads, nor one result over another', async () => {
    const file = join(folder, 'x.json');
    const text = await readFile(fixture('vllm.json'), 'utf8');
    await writeFile(file, text);
    await expect(importFiles([file], { outDir: folder })).rejects.toThrow(
      `${file}: its result would overwrite ${file}, which is read (give another folder with --out-dir)`,
    );
    expect(await readFile(file, 'utf8')).toBe(text);
    await mkdir(join(folder, 'other'));
    const other = join(folder, 'other', 'x.json');
    await writeFile(other, text);
    const outDir = join(folder, 'out');
    await expect(importFiles([file, other], { outDir })).rejects.toThrow(
      `${other}: its result would overwrite that of ${file}, as ${join(outDir, 'x.json')}`,
    );
    expect((await readdir(folder)).toSorted()).toEqual(['other', 'x.json']);
  });

  test('names a missing file, and one that is not text', async () => {
    const missing = join(folder, 'none.json');
    await expect(importFiles([missing], { outDir: folder })).rejects.toThrow(
      `${missing}: there is no such file`,
    );
    await expect(importFiles([folder], { outDir: folder })).rejects.toThrow(`${folder}: it is a folder`);
    const packed = join(folder, 'x.json.gz');
    await writeFile(packed, gzipSync('{}'));
    await expect(importFiles([packed], { outDir: folder })).rejects.toThrow(
      `${packed}: it is a gzip file, not JSON`,
    );
  });

  test('writes nothing if one of the files is not a result', async () => {
    await writeFile(join(folder, 'none.txt'), 'none');
    const files = [fixture('vllm.json'), join(folder, 'none.txt')];
    await expect(importFiles(files, { outDir: join(folder, 'out') })).rejects.toThrow(
      /none\.txt:1:1: not JSON/,
    );
    expect(await readdir(folder)).toEqual(['none.txt']);
  });
});
