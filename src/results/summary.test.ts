import { expect, test } from 'vitest';
import type { AggregateRow } from './aggregate-row.ts';
import { summaryMarkdown } from './summary.ts';

const row: AggregateRow = {
  hw: 'cpu',
  conc: 8,
  image: 'engine:v1',
  model: 'org/small',
  infmax_model_prefix: 'small',
  framework: 'llama.cpp',
  precision: 'q4',
  spec_decoding: 'none',
  disagg: false,
  isl: 32,
  osl: 64,
  is_multinode: false,
  tp: 1,
  ep: 1,
  dp_attention: 'false',
  tput_per_gpu: 1234.56789,
  output_tput_per_gpu: 89.5,
  input_tput_per_gpu: 1145.06789,
  median_ttft: 0.770758,
  median_tpot: 0.0661819,
  median_intvty: 15.109871,
  median_e2el: 4.53307,
};

const heading = `## Single-Node Results

| Model   | Served Model   | Hardware   | Framework   | Precision   |   ISL |   OSL |   TP |   EP | DP Attention   |   Conc |   TTFT (ms) |   TPOT (ms) |   Interactivity (tok/s/user) |   E2EL (s) |   TPUT per GPU |   Output TPUT per GPU |   Input TPUT per GPU |
|---------|----------------|------------|-------------|-------------|-------|-------|------|------|----------------|--------|-------------|-------------|------------------------------|------------|----------------|-----------------------|----------------------|
`;

test('numbers are lined up at their decimal points, rows ordered by shape and concurrency', () => {
  const slower = { ...row, conc: 16, median_ttft: 1.5, output_tput_per_gpu: 100, tput_per_gpu: 2_000_000 };
  expect(summaryMarkdown([slower, row])).toBe(
    `${heading}| small   | org/small      | CPU        | LLAMA.CPP   | Q4          |    32 |    64 |    1 |    1 | false          |      8 |     770.758 |     66.1819 |                      15.1099 |     4.5331 |       1234.57  |                  89.5 |              1145.07 |
| small   | org/small      | CPU        | LLAMA.CPP   | Q4          |    32 |    64 |    1 |    1 | false          |     16 |    1500     |     66.1819 |                      15.1099 |     4.5331 |          2e+06 |                 100   |              1145.07 |
`,
  );
});

test('what was not measured leaves its cell empty', () => {
  const { median_intvty: _, ...oneToken } = row;
  const table = summaryMarkdown([oneToken]);
  expect(table).not.toContain('NaN');
  expect(table.split('\n').at(-2)?.split('|')[14]?.trim()).toBe('');
});

test('what is not known leaves its cell empty, a 0 is a 0', () => {
  const cells = (one: AggregateRow) =>
    summaryMarkdown([one])
      .split('\n')
      .at(-2)
      ?.split('|')
      .slice(12, 19)
      .map((cell) => cell.trim());
  const unknown = {
    ...row,
    median_tpot: null,
    median_intvty: null,
    tput_per_gpu: null,
    input_tput_per_gpu: null,
  };
  expect(cells(unknown)).toEqual(['770.758', '', '', '4.5331', '', '89.5', '']);
  expect(cells({ ...row, median_ttft: 0 })?.[0]).toBe('0');
});

test('no rows, no table', () => {
  expect(summaryMarkdown([])).toBe('');
});
