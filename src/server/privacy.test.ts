import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { publicArgs, publicJson, publicText } from './privacy.ts';

test.each([
  ['--model /home/ann/models/qwen.gguf', '--model …/qwen.gguf'],
  ['--model=/mnt/weights/a-b_c.1/', '--model=…/a-b_c.1'],
  ["cannot read '/tmp/x y'", "cannot read '…/x y'"],
  ['file:///home/ann/x.yaml', 'file://…/x.yaml'],
  ['/root/.cache/engine/bin/server --port 1', '…/server --port 1'],
  ['/data3/models/m:/models', '…/m:/models'],
  ['in /beegfs/ann/cache', 'in …/cache'],
  ["open '/pfs/my models/x y.gguf'", "open '…/x y.gguf'"],
  ['PATH=/usr/bin:/pfs/ann/bin', 'PATH=/usr/bin:…/bin'],
  ['/etc/ann/t.jinja', '…/t.jinja'],
  [join(packageRoot, 'dist', 'x.js'), '…/x.js'],
  [join(homedir(), 'x'), '…/x'],
])('%s becomes %s', (text, without) => {
  expect(publicText(text)).toBe(without);
});

test.each([
  'http://127.0.0.1:8000/v1/completions',
  'nvcr.io/nvidia/tmp/x:1',
  'deepseek-ai/DeepSeek-R1',
  '/usr/local/bin/vllm serve',
  '/workspace/tmp/x',
  'GET /health',
  'a/tmp/b',
  'Route: /tokenizer/info',
  '/v1/chat/completions, 33.1 tok/s/GPU at 8192/1024',
  '/workspace/models/m',
  'mean time per output token: 5.2 ms; token: 17',
  "Namespace(api_key=None, hf_token=None, eos_token='</s>')",
  'max_num_batched_tokens=8192 --max-tokens 5 hf_transfer hf_overrides',
  'Basic usage: see the docs; the bearer token is missing',
  'cpu/gpu ratio 1/2, and/or, 3 s',
])('%s is no path of a host', (text) => {
  expect(publicText(text)).toBe(text);
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

const spellings: readonly ((secret: string) => string)[] = [
  (secret) => `HF_TOKEN=${secret} next`,
  (secret) => `token: ${secret}`,
  (secret) => `docker run -e HF_TOKEN=${secret} image`,
  (secret) => `serve --api-key ${secret} --port 1`,
  (secret) => `serve --hf-token=${secret}`,
  (secret) => `export MY_PASSWORD='${secret} ${secret}'`,
  (secret) => JSON.stringify({ hfToken: secret, 'x-api-key': secret, apiKey: secret, db_password: secret }),
  (secret) => JSON.stringify(JSON.stringify({ accessToken: secret })),
  (secret) => `curl -H 'Authorization: Bearer ${secret}'`,
  (secret) => `Authorization: Digest a ${secret}`,
  (secret) => `sent Bearer ${secret}`,
  (secret) => `Cookie: a=b; session=${secret}`,
  (secret) => `401 for https://user:${secret}@hf.corp/x`,
  (secret) => `with hf_${secret}A1 and ghp_${secret}12345 and github_pat_${secret}12345`,
  (secret) => `key sk-${secret}0123456789abcdef or xoxb-${secret}12345`,
];

test('no secret is left, however it is written', () => {
  const secretText = fc.stringMatching(/^Z[A-Za-z0-9]{8,20}Q$/);
  fc.assert(
    fc.property(secretText, fc.constantFrom(...spellings), (secret, spelling) => {
      const text = spelling(secret);
      expect(publicText(text)).not.toContain(secret);
      expect(publicText(publicText(text))).toBe(publicText(text));
      expect(publicArgs(['run', text]).join(' ')).not.toContain(secret);
      expect(JSON.stringify(publicJson({ notes: text, hfToken: [secret] }))).not.toContain(secret);
    }),
  );
});

test('an argument is one value, blanks and all', () => {
  expect(
    publicArgs(['-e', 'HF_TOKEN=a b', '--header', 'Authorization: Bearer c d', '/pfs/my models/x y']),
  ).toEqual([...['-e', 'HF_TOKEN=(not shown)', '--header', 'Authorization: (not shown)', '…/x y']]);
});
