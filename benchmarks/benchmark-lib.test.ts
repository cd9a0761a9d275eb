import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const library = join(import.meta.dirname, 'benchmark_lib.sh');

/** The arguments that run_benchmark_serving passes to the load generator. */
function served(env: Readonly<Record<string, string>>, ...more: string[]): string[] {
  const asked = [
    '--model org/model --port 1 --backend vllm --input-len 8 --output-len 4',
    '--random-range-ratio 0.8 --num-prompts 40 --max-concurrency 4 --result-filename r --result-dir .',
  ].flatMap((words) => words.split(' '));
  const text = `source "$0"; _benchmark_inferencemax() { printf '%s\\n' "$@"; }; run_benchmark_serving "$@"`;
  return execFileSync('bash', ['--norc', '-c', text, library, ...asked, ...more], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', ...env },
  })
    .trim()
    .split('\n');
}

const following = (words: readonly string[], name: string) => words[words.indexOf(name) + 1];

describe('run_benchmark_serving', () => {
  test.each([
    ['not at all by default', {}, [], undefined],
    ['as the job says', { NUM_WARMUPS: '8' }, [], '8'],
    ['with two requests per stream for a job of August', { PP_SIZE: '1' }, [], '8'],
    ['as the script says', { NUM_WARMUPS: '8', PP_SIZE: '1' }, ['--num-warmups', '3'], '3'],
  ] as const)('warms up %s', (_, env, more, expected) => {
    const words = served(env, ...more);
    expect(words.includes('--num-warmups') ? following(words, '--num-warmups') : undefined).toBe(expected);
  });

  test('with PROFILE=1 profiles one request per stream', () => {
    const words = served({ PROFILE: '1', VLLM_TORCH_PROFILER_DIR: tmpdir() });
    expect([words.includes('--profile'), following(words, '--num-prompts')]).toEqual([true, '4']);
    expect([served({}).includes('--profile'), following(served({}), '--num-prompts')]).toEqual([false, '40']);
  });

  test('passes on the server’s pid', () => {
    expect(following(served({}, '--server-pid', '17'), '--server-pid')).toBe('17');
  });
});
