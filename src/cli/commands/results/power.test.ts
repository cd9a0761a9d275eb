import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { said } from '../../../../test/support/said.ts';
import { packageRoot } from '../../../package-root.ts';

let folder: string;
let files: readonly string[];
const { REQUIRE_POWER: required } = process.env;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'results-power-'));
  files = ['--bench-result', join(folder, 'r.json'), '--agg-result', join(folder, 'agg_r.json')];
  await writeFile(join(folder, 'agg_r.json'), '{"hw":"h100"}');
  const window = { benchmark_start_time_unix: 100, benchmark_end_time_unix: 110, duration: 10 };
  const counts = { completed: 1, total_input_tokens: 10, total_output_tokens: 20 };
  await writeFile(join(folder, 'r.json'), JSON.stringify({ max_concurrency: 1, ...window, ...counts }));
  const seconds = Array.from({ length: 13 }, (_, index) => `${99 + index},0,100`);
  await writeFile(join(folder, 'gpu.csv'), ['timestamp,gpu,power', ...seconds].join('\n'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  if (required === undefined) delete process.env.REQUIRE_POWER;
  else process.env.REQUIRE_POWER = required;
});

const power = async (...words: readonly string[]) => await said('results', 'power', ...files, ...words);
const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), 'utf8'));

const recorded = join(
  packageRoot,
  '../shared/h100-vllm-2026-11/sweep/raw/llama8b_512_128_bf16_vllm_tp1_ep1_dpa_false_conc256_h100-lab_0.json',
);

describe('results power', () => {
  test.skipIf(!existsSync(recorded))(
    'of a raw result of a real H100: 0.107 J per output token, with its interval and the limit',
    async () => {
      const { code, stdout } = await said('results', 'power', '--raw', recorded);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^682 W on 1 GPU, without the host, by nvidia-smi$/m);
      expect(stdout).toMatch(
        /^0\.107 J per output token \(95 % interval over the run: 0\.10\d to 0\.11\d\)$/m,
      );
      expect(stdout).toMatch(/^at 97 % of the board power of 700 W or above for 80 % of the window$/m);
    },
  );

  test('of a raw result says what limited the GPUs, and what the whole machine used', async () => {
    const device = { limit_w: 700, capped_share: 0.81, heat_share: 0.1 };
    const telemetry = {
      window_s: 60,
      power: { state: 'measured', source: 'nvidia-smi', of: 'accelerators', mean_w: 680, devices: [device] },
      host_power: { state: 'measured', source: 'redfish', of: 'chassis', mean_w: 1250 },
    };
    const file = join(folder, 'raw.json');
    await writeFile(file, JSON.stringify({ telemetry }));
    expect((await said('results', 'power', '--raw', file)).stdout).toBe(
      [
        '680 W on 1 GPU, without the host, by nvidia-smi',
        'throttled by the power limit of 700 W for 81 % of the window',
        'heat lowered the clock for 10 % of the window',
        '1250 W on the whole machine, with the GPUs, by redfish',
        '',
      ].join('\n'),
    );
    const reason = 'only the first of 2 nodes was sampled';
    await writeFile(file, JSON.stringify({ telemetry: { power: { state: 'unavailable', reason } } }));
    const none = await said('results', 'power', '--raw', file);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('it has no measured power');
    expect(none.stderr).toContain(reason);
  });

  test('of one node writes the row, and the audit under the given name', async () => {
    const audit = join(folder, 'audit.json');
    const oneNode = ['--csv', join(folder, 'gpu.csv'), '--expected-num-gpus', '1'];
    const { code, stdout } = await power(...oneNode, '--validation-result', audit, '--require-power');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `100.0 W on 1 GPU, 50 J per output token\nwrote ${audit}\n`,
    });
    expect(await read('agg_r.json')).toMatchObject({ hw: 'h100', power_valid: 1, total_gpu_energy_j: 1000 });
    expect(await read('audit.json')).toMatchObject({ power_valid: true });
  });

  test('of several nodes fails with REQUIRE_POWER after everything is written', async () => {
    process.env.REQUIRE_POWER = 'yes';
    const none = join(folder, 'LOGS/power');
    const { code, stderr } = await power('--power-dir', none, '--prefill-gpus', '2', '--decode-gpus', '2');
    expect(code).toBe(1);
    expect(stderr).toContain('power_artifacts_missing (there is no folder with power samples of the nodes)');
    expect(await read('agg_r.json')).toMatchObject({ power_valid: 0 });
    expect(await read('power_validation_r.json')).toMatchObject({
      failures: [`power dir missing: ${none}`],
      expected_gpu_count: 0,
    });
  });

  test.each([
    [[], 'how many GPUs the engine uses is not given'],
    [['--prefill-gpus', '2'], 'the GPUs of each role are not given'],
    [
      ['--csv', 'x', '--prefill-gpus', '2', '--decode-gpus', '2'],
      '--csv and --expected-num-gpus are for one node',
    ],
    [['--expected-num-gpus', 'many'], 'expected a whole number'],
  ])('%j is bad usage', async (words, message) => {
    const { code, stderr } = await power(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test.each(['r.json', 'agg_r.json', 'gpu.csv'])(
    'a folder in place of %s is a reason, and no crash',
    async (name) => {
      await rm(join(folder, name));
      await mkdir(join(folder, name));
      const { code, stdout } = await power('--csv', join(folder, 'gpu.csv'), '--expected-num-gpus', '1');
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /^power is not valid: (invalid_benchmark_result|aggregate_result_missing|telemetry_file_missing) /,
      );
    },
  );
});
