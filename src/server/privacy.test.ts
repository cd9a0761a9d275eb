import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { publicArgs, publicJson, withoutHostPaths } from './privacy.ts';

test.each([
  ['--model /home/ann/models/qwen.gguf', '--model …/qwen.gguf'],
  ['--model=/mnt/weights/a-b_c.1/', '--model=…/a-b_c.1'],
  ["cannot read '/tmp/x y'", "cannot read '…/x y'"],
  ['file:///home/ann/x.yaml', 'file://…/x.yaml'],
  ['/root/.cache/engine/bin/server --port 1', '…/server --port 1'],
  ['/data3/models/m:/models', '…/m:/models'],
  [join(packageRoot, 'dist', 'x.js'), '…/x.js'],
  [join(homedir(), 'x'), '…/x'],
])('%s becomes %s', (text, without) => {
  expect(withoutHostPaths(text)).toBe(without);
});

test.each([
  'http://127.0.0.1:8000/v1/completions',
  'nvcr.io/nvidia/tmp/x:1',
  'deepseek-ai/DeepSeek-R1',
  '/usr/local/bin/vllm serve',
  '/workspace/tmp/x',
  'GET /health',
  'a/tmp/b',
])('%s is no path of a host', (text) => {
  expect(withoutHostPaths(text)).toBe(text);
});

test('a value keeps its form, and no path of this host', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(publicJson({ value, at: [packageRoot, `x ${packageRoot}/y`] }));
      expect(text).not.toContain(packageRoot);
      expect(publicJson(JSON.parse(text))).toEqual(JSON.parse(text));
    }),
  );
});

test('the values of secrets are not shown, wherever they are', () => {
  expect(
    publicArgs(['serve', '--api-key', 'abc', '--hf-token=def', '--max-tokens', '5', '--port', '1']),
  ).toEqual([
    ...['serve', '--api-key', '(not shown)', '--hf-token=(not shown)', '--max-tokens', '5', '--port', '1'],
  ]);
  expect(
    publicJson({ env: { HF_TOKEN: 'x', TOKENIZERS: 'y' }, tokenizer_id: 'z', total_output_tokens: 5 }),
  ).toEqual({ env: { HF_TOKEN: '(not shown)', TOKENIZERS: 'y' }, tokenizer_id: 'z', total_output_tokens: 5 });
});
