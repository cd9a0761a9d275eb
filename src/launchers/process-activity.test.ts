import { describe, expect, test } from 'vitest';
import { processesIn, processesInWords } from './process-activity.ts';

/** Stacks as py-spy 0.4 prints them, below the kernel's line for each process. */
const printed = [
  '@process 12 S do_poll vllm',
  'Python v3.12.3 (/usr/bin/python3.12)',
  '',
  'Thread 12 (idle): "MainThread"',
  '    poll (zmq/sugar/poll.py:106)',
  '    run (vllm/entrypoints/api_server.py:1901)',
  'Thread 15 (idle): "Thread-1"',
  '    wait (threading.py:359)',
  '@process 21 R 0 VLLM::Worker_TP0',
  'Python v3.12.3 (/usr/bin/python3.12)',
  '',
  'Thread 21 (active): "MainThread"',
  '    all_reduce (torch/distributed/distributed_c10d.py:2810)',
  '    forward (vllm/model_executor/models/deepseek_v2.py:300)',
  '    step (vllm/v1/worker/gpu_worker.py:400)',
  '@process 22 R 0 VLLM::Worker_TP1',
  '',
  'Thread 22 (active): "MainThread"',
  '    all_reduce (torch/distributed/distributed_c10d.py:2810)',
  '    forward (vllm/model_executor/models/deepseek_v2.py:300)',
  '@process 23 S futex_wait_queue VLLM::Worker_TP2',
  '',
  'Thread 23 (idle): "MainThread"',
  '    acquire (filelock/_api.py:320)',
  '    snapshot_download (huggingface_hub/_snapshot_download.py:300)',
  '@process 24 D nfs_wait_bit_killable my engine (x)',
].join('\n');

test('processes that do the same are grouped, smallest group first', () => {
  const told = processesInWords(processesIn(printed));
  expect(told).toBe(
    'process 12 (vllm) in poll (zmq/sugar/poll.py:106) < run (vllm/entrypoints/api_server.py:1901), ' +
      'process 23 (VLLM::Worker_TP2) in acquire (filelock/_api.py:320) < snapshot_download (huggingface_hub/_snapshot_download.py:300), ' +
      'process 24 (my engine (x)) blocked in the kernel (nfs_wait_bit_killable), for a device or a disk, 1 other groups',
  );
});

test('the text has all threads, without the marker lines of the script', () => {
  const { text } = processesIn(printed);
  expect(text).toContain('process 21 (VLLM::Worker_TP0)\n');
  expect(text).toContain('Thread 15 (idle): "Thread-1"\n    wait (threading.py:359)\n');
  expect(text).not.toContain('@process');
});

describe('without py-spy', () => {
  test.each([
    ['S futex_wait_queue', 'asleep in futex_wait_queue'],
    ['S 0', 'asleep'],
    ['R 0', 'running'],
    ['T do_signal_stop', 'stopped by a signal or a debugger'],
    ['Z 0', 'dead, waiting for its parent to read its exit code'],
  ])('without py-spy, the kernel state %s means %s', (seen, words) => {
    const look = processesIn(`@without py-spy\n@process 7 ${seen} llama-server`);
    expect(processesInWords(look)).toBe(
      `process 7 (llama-server) ${words} (py-spy is not installed there: install it to see stacks)`,
    );
  });
});

test('empty output means no processes', () => {
  expect(processesIn('').processes).toEqual([]);
});
