import { expect, test } from 'vitest';
import { draftFigures } from '../telemetry/index.ts';
import { atom } from './atom.ts';
import type { EngineMetrics } from './engine.ts';
import { llamaCpp } from './llama-cpp.ts';
import { sglang } from './sglang.ts';
import { trt } from './trt.ts';
import { vllm } from './vllm.ts';

function drafts(metrics: EngineMetrics | undefined, before: string, after: string) {
  if (metrics === undefined) throw new Error('the engine has no metrics');
  return draftFigures({ before: [before], after: [after] }, metrics);
}

const vllmText = (drafts: number, drafted: number, accepted: number, positions: readonly number[]) =>
  [
    '# TYPE vllm:spec_decode_num_drafts_total counter',
    `vllm:spec_decode_num_drafts_total{engine="0",model_name="m"} ${drafts}.0`,
    `vllm:spec_decode_num_draft_tokens_total{engine="0",model_name="m"} ${drafted}.0`,
    `vllm:spec_decode_num_accepted_tokens_total{engine="0",model_name="m"} ${accepted}.0`,
    ...positions.map(
      (count, at) =>
        `vllm:spec_decode_num_accepted_tokens_per_pos_total{engine="0",model_name="m",position="${at}"} ${count}.0`,
    ),
  ].join('\n');

test('vLLM: rate, length and each position, from the increase of its counters', () => {
  const before = vllmText(100, 300, 250, [100, 100, 50]);
  const after = vllmText(300, 900, 550, [280, 200, 70]);
  expect(drafts(vllm.metrics, before, after)).toEqual({
    from: 'counters',
    drafted_tokens: 600,
    accepted_tokens: 300,
    drafts: 200,
    acceptance: 0.5,
    acceptance_length: 2.5,
    acceptance_by_position: [0.9, 0.5, 0.1],
  });
  expect(drafts(vllm.metrics, before, before)).toBeNull();
});

test('vLLM: ranks of data parallelism are counted together', () => {
  const rank = (text: string) => text.replaceAll('engine="0"', 'engine="1"');
  const [zero, one] = [vllmText(0, 0, 0, [0, 0]), vllmText(100, 200, 90, [60, 30])];
  const other = vllmText(100, 200, 150, [90, 60]);
  const found = drafts(vllm.metrics, `${zero}\n${rank(zero)}`, `${one}\n${rank(other)}`);
  expect(found).toMatchObject({ drafts: 200, acceptance_length: 2.2, acceptance_by_position: [0.75, 0.45] });
});

test('llama.cpp publishes the same counters under its own prefix', () => {
  const text = (...counts: Parameters<typeof vllmText>) =>
    vllmText(...counts).replaceAll('vllm:', 'llamacpp:');
  const found = drafts(llamaCpp.metrics, text(0, 0, 0, [0]), text(10, 40, 10, [8, 2]));
  expect(found).toMatchObject({ acceptance: 0.25, acceptance_length: 2, acceptance_by_position: [0.8, 0.2] });
});

test('ATOM: steps by their number of accepted tokens', () => {
  const text = (drafted: number, accepted: number, steps: readonly number[]) =>
    [
      `atom:mtp_draft_tokens_total ${drafted}.0`,
      `atom:mtp_accepted_tokens_total ${accepted}.0`,
      'atom:mtp_average_tokens_per_forward 3.9',
      ...steps.map((count, k) => `atom:mtp_decode_steps_total{accepted_tokens="${k}"} ${count}.0`),
    ].join('\n');
  const found = drafts(atom.metrics, text(200, 100, [40, 20, 40]), text(400, 210, [70, 50, 80]));
  expect(found).toEqual({
    from: 'counters',
    drafted_tokens: 200,
    accepted_tokens: 110,
    drafts: 100,
    acceptance: 0.55,
    acceptance_length: 2.1,
    acceptance_by_position: [0.7, 0.4],
  });
});

test('SGLang: its gauges, over its ranks; not those of a server that verified no draft', () => {
  const text = (calls: number) =>
    [
      `sglang:spec_verify_calls_total{engine_type="unified"} ${calls}.0`,
      'sglang:spec_accept_rate{dp_rank="0"} 0.5',
      'sglang:spec_accept_rate{dp_rank="1"} 0.7',
      'sglang:spec_accept_length{dp_rank="0"} 2.5',
      'sglang:spec_accept_length{dp_rank="1"} 3.1',
    ].join('\n');
  expect(drafts(sglang.metrics, text(10), text(50))).toEqual({
    from: 'gauges',
    drafted_tokens: null,
    accepted_tokens: null,
    drafts: 40,
    acceptance: 0.6,
    acceptance_length: 2.8,
    acceptance_by_position: null,
  });
  expect(drafts(sglang.metrics, text(10), text(10))).toBeNull();
  const idle = 'sglang:spec_accept_rate 0.0\nsglang:spec_accept_length 0.0\n';
  expect(drafts(sglang.metrics, idle, idle)).toBeNull();
});

test('TensorRT-LLM: the rate from its counters, and the length that it publishes', () => {
  const text = (drafted: number, accepted: number) =>
    [
      `trtllm_spec_decode_num_draft_tokens_total{model_name="m"} ${drafted}.0`,
      `trtllm_spec_decode_num_accepted_tokens_total{model_name="m"} ${accepted}.0`,
      'trtllm_spec_decode_acceptance_length{model_name="m"} 2.2',
    ].join('\n');
  // Its gauge keeps the last length while nothing is drafted.
  expect(drafts(trt.metrics, text(30, 20), text(30, 20))).toBeNull();
  expect(drafts(trt.metrics, text(30, 20), text(330, 140))).toEqual({
    from: 'counters',
    drafted_tokens: 300,
    accepted_tokens: 120,
    drafts: null,
    acceptance: 0.4,
    acceptance_length: 2.2,
    acceptance_by_position: null,
  });
});
