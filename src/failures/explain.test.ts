import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type EndFacts, explainLog, explanationInWords, type FailureClass, knownFailures } from './index.ts';
import { failureClasses } from './table.ts';

const classOf = (log: string, facts: EndFacts = {}) => explainLog(log, facts)?.failureClass;

/** Ends of logs, written for these tests after the programs' output. */
const endings = z
  .array(
    z.strictObject({
      name: z.string(),
      failureClass: z.enum(failureClasses),
      says: z.string(),
      hung: z.boolean().optional(),
      log: z.array(z.string()),
    }),
  )
  .parse(JSON.parse(await readFile(join(import.meta.dirname, 'testdata', 'endings.json'), 'utf8')));

test.each(endings)('$name is $failureClass', ({ failureClass, says, hung, log }) => {
  const told = explainLog(log.join('\n'), { hung });
  expect(told?.failureClass).toBe(failureClass);
  expect(told?.meaning).toMatch(new RegExp(says, 'i'));
  expect(log.join('\n')).toContain(told?.line?.replaceAll('…', '').trim());
});

describe('the decisive line', () => {
  test('is an error rather than a warning or information, in any order', () => {
    const ecc =
      'ERROR 03:11:09 [worker.py:1] torch.AcceleratorError: CUDA error: uncorrectable ECC error encountered';
    for (const mention of [
      'INFO 09:00 If you are running out of memory, consider lowering gpu_memory_utilization: CUDA out of memory',
      'WARNING 09:00 401 Client Error on the optional file chat_template.json',
      'INFO 09:00 non-default args: {"note": "CUDA out of memory", "trust_remote_code": True}',
      'server_args=ServerArgs(model_path="x", comment="No space left on device")',
    ]) {
      expect(classOf(`${mention}\n${ecc}`)).toBe('node-broken');
      expect(classOf(`${ecc}\n${mention}`)).toBe('node-broken');
      expect(classOf(mention)).toBeUndefined();
    }
  });

  test('is an unknown exception rather than a mere mention before it', () => {
    const log = "Address already in use, using 8889\nTraceback (most recent call last):\nKeyError: 'wq_b'";
    expect(explainLog(log)).toEqual({ line: "KeyError: 'wq_b'", lineNumber: 3 });
  });

  test('is the first of an incident, because the others follow from it', () => {
    const log = [
      '[rank3] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB',
      '[rank0] torch.distributed.DistBackendError: NCCL error in: ProcessGroupNCCL.cpp:3690, remote process exited',
      '[rank0] RuntimeError: CUDA error: an illegal memory access was encountered',
    ];
    expect(classOf(log.join('\n'))).toBe('gpu-memory');
  });

  test('is from the last incident, if the engine recovered from an earlier one', () => {
    const healthy = Array.from(
      { length: 20 },
      (_, i) => `INFO: 10.0.0.1:${i} - "POST /v1/completions HTTP/1.1" 200 OK`,
    );
    const log = [
      'ERROR 02:00 ValueError: The prompt is longer than the maximum model length of 4096',
      ...healthy,
      'ERROR 03:11 torch.AcceleratorError: CUDA error: uncorrectable ECC error encountered',
      ...healthy,
      'ERROR 03:12 vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue. See stack trace (above) for the root cause.',
    ];
    expect(classOf(log.join('\n'))).toBe('node-broken');
  });

  test('is found even before a long tail of output', () => {
    const frames = Array.from(
      { length: 3_000 },
      (_, i) => `(APIServer pid=1)   File "site-packages/vllm/x.py", line ${i}, in f`,
    );
    const log = [
      '(EngineCore pid=2) ERROR x ValueError: No available memory for the cache blocks.',
      ...frames,
    ];
    expect(classOf(log.join('\n'))).toBe('gpu-memory');
  });

  test('is quoted around the match if it is very long', () => {
    const line = `ValueError: ${'x'.repeat(500)} CUDA out of memory ${'y'.repeat(500)}`;
    const told = explainLog(line)?.line ?? '';
    expect(told).toContain('CUDA out of memory');
    expect(told.length).toBeLessThan(210);
  });

  test('is never a wrapper', () => {
    for (const line of [
      'RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}',
      '[2026-11-26] Received sigquit from a child process. It usually means the child failed.',
      'srun: error: gpu-01: task 0: Exited with exit code 1',
    ])
      expect(explainLog(line)).toBeUndefined();
  });
});

describe('facts besides the log', () => {
  const visible = (wanted: number, seen: number) =>
    `AssertionError: local_world_size (${wanted}) must be less than or equal to the number of visible devices (${seen}).`;

  test('wanting more accelerators than the pool has is the recipe’s fault, missing ones are the node’s', () => {
    expect(classOf(visible(16, 8), { acceleratorsPerNode: 8 })).toBe('recipe-refused');
    expect(classOf(visible(8, 7), { acceleratorsPerNode: 8 })).toBe('node-broken');
    expect(classOf(visible(8, 4))).toBe('recipe-refused');
    expect(classOf(visible(8, 7))).toBe('node-broken');
  });

  test('if half of the accelerators are missing, the node’s tools decide whether they are hidden', () => {
    const facts = { acceleratorsPerNode: 8 };
    expect(classOf(visible(8, 4), facts)).toBe('gpu-hidden');
    expect(classOf(visible(8, 4), { ...facts, deviceTrouble: 'it shows 4 of 8' })).toBe('node-broken');
  });

  test('an out-of-memory kill of a child explains a log without a cause', () => {
    const died = 'ERROR Worker proc VllmWorker-3 died unexpectedly, shutting down executor.';
    expect(classOf(died, { kernelKills: 1 })).toBe('out-of-memory');
    expect(classOf(died, { kernelKills: 0 })).toBeUndefined();
    expect(classOf('OSError: You are trying to access a gated repo.', { kernelKills: 1 })).toBe(
      'not-permitted',
    );
  });

  test('the signal explains an empty log', () => {
    expect(classOf('INFO loading', { signal: 'SIGBUS' })).toBe('node-unfit');
    expect(classOf('', { signal: 'SIGILL' })).toBe('image-unfit');
    expect(classOf('', { signal: 'SIGTERM' })).toBeUndefined();
  });

  test('a hang is explained by what the engine waits for, at any log level', () => {
    const log = 'INFO [shm_broadcast.py:1] No available shared memory broadcast block found in 60 seconds.';
    expect(classOf(`${log}\nRuntimeError: something else`, { hung: true })).toBe('hung');
    expect(explainLog(`${log}\nRuntimeError: something else`)?.line).toBe('RuntimeError: something else');
  });

  test('a user’s rows come first', () => {
    const row = {
      pattern: /our proxy says no/,
      meaning: 'the proxy of the cluster refuses it',
      todo: 'ask for an exception',
      failureClass: 'not-permitted',
    } as const;
    const told = explainLog('Error: 429 Too Many Requests: our proxy says no', {}, [row]);
    expect(told).toMatchObject({ failureClass: 'not-permitted', meaning: row.meaning, todo: row.todo });
    expect(told && explanationInWords(told)).toContain('the proxy of the cluster refuses it (Error: 429');
  });
});

describe('healthy logs have no explanation', () => {
  test.each([
    'INFO 11-26 09:12:40 [gpu_model_runner.py:2602] Starting to load model org/big-model...',
    'INFO Capturing CUDA graphs: 100%|██████████| 67/67 [00:21<00:00,  3.12it/s]',
    'WARNING [config.py] Casting torch.bfloat16 to torch.float16.',
    'INFO:     127.0.0.1:43872 - "POST /v1/completions HTTP/1.1" 200 OK',
    '[2026-11-26 12:00:00 TP0] max_total_num_tokens=1, chunked_prefill_size=8192, max_prefill_tokens=16384, context_len=4096',
    'gpu-01:3663:4044 [0] NCCL INFO NET/IB : Using [0]mlx5_0:1/IB [RO]; OOB eth0:10.0.0.1<0>',
    'gpu-01:3663:4044 [0] NCCL INFO NCCL_DEBUG set by environment to INFO; no error so far',
    'FutureWarning: The pynvml package is deprecated. Please install nvidia-ml-py instead.',
    'WARNING: Retrying (Retry(total=4)) after connection broken by ReadTimeoutError("HTTPSConnectionPool: Read timed out.")',
    'ERROR 429 Too Many Requests from the hub, retrying in 8 s',
    'srun: job 42 queued and waiting for resources',
    'Warning: Failed to import flash_attn, falling back to triton',
    'INFO torch.compile takes 32.10 s in total; cache is stored in ~/.cache/vllm/torch_compile_cache',
    'PYTORCH_CUDA_ALLOC_CONF environment variable is expandable_segments:True to avoid CUDA out of memory',
    '+ vllm serve org/model --trust-remote-code --max-model-len 4096 # CUDA out of memory with more',
  ])('%s', (line) => {
    expect(explainLog(`${line}\n${line}`)).toBeUndefined();
  });
});

test('no text throws, and the quote is part of the text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), (log) => {
      const told = explainLog(`${log}\nError: x ${log}`);
      expect(told?.line === undefined || told.line.length <= 202).toBe(true);
    }),
  );
});

test('every row has a meaning and a fix that can follow a colon', () => {
  for (const { meaning, todo } of knownFailures) {
    expect(meaning).not.toMatch(/\.$|^$/);
    expect(todo).not.toMatch(/\.$|^$/);
  }
});

test('every class of causes has rows', () => {
  const classes = new Set<FailureClass>(
    knownFailures.flatMap(({ failureClass }) => (typeof failureClass === 'string' ? [failureClass] : [])),
  );
  for (const one of [
    'recipe-refused',
    'not-permitted',
    'image-unfit',
    'gpu-memory',
    'node-unfit',
    'node-files',
    'node-broken',
    'throttled',
    'hung',
    'network',
  ] as const)
    expect(classes).toContain(one);
});
