import { expect, test } from 'vitest';
import { missingRanks } from './missing-ranks.ts';

const line = {
  vllm: (rank: number, text: string) => `(Worker_TP${rank} pid=${100 + rank}) INFO 09:13:0${rank} ${text}`,
  sglang: (rank: number, text: string) => `[2026-11-26 09:13:0${rank} TP${rank}] ${text}`,
  trt: (rank: number, text: string) => `[11/26/2026-09:52:1${rank}] [TRT-LLM] [RANK ${rank}] [I] ${text}`,
  nccl: (rank: number, text: string) => `node-a: rank=${rank} ${text}`,
};

test.each(Object.entries(line))('finds the %s rank that lags behind the others', (_, said) => {
  const ranks = [0, 1, 2, 3];
  const log = [
    ...ranks.map((rank) => said(rank, 'loaded the weights in 12 s')),
    ...ranks.filter((rank) => rank !== 2).map((rank) => said(rank, 'waits for the others')),
  ].join('\n');
  expect(missingRanks(log)).toEqual({ ranks: [2], line: expect.stringContaining('waits for the others') });
});

test('a rank without any log line is missing, too', () => {
  const log = [0, 1, 3].map((rank) => line.vllm(rank, 'world size 4, init')).join('\n');
  expect(missingRanks(log)?.ranks).toEqual([2]);
});

test('is undefined if all ranks have logged the same, or if fewer than two ranks are named', () => {
  const same = [0, 1].map((rank) => line.trt(rank, `took ${rank} s`)).join('\n');
  for (const log of ['', 'INFO loading', line.sglang(0, 'loading'), same])
    expect(missingRanks(log)).toBeUndefined();
});

test('a line that only one rank logs, such as progress of the first rank, is ignored', () => {
  const log = [
    ...[0, 1, 2, 3].map((rank) => line.vllm(rank, 'init')),
    line.vllm(0, 'Loading safetensors checkpoint shards: 50 %'),
  ].join('\n');
  expect(missingRanks(log)).toBeUndefined();
});

test('ranks of the first node are not missing in the second node’s log', () => {
  const log = [8, 9, 10, 11].map((rank) => line.nccl(rank, 'init')).join('\n');
  expect(missingRanks(log)).toBeUndefined();
});
