import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { schemaFiles } from '../commands/schema.ts';
import { applyServeConfig, serveConfigSchema } from './serve-config.ts';
import { addServeOptions, serveTables } from './serve-options.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-config-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

const optionsOf = (...args: string[]) =>
  addServeOptions(new Command('serve')).exitOverride().parse(args, { from: 'user' });

/** The options from a file and a command line together. */
async function withFile(text: string, ...args: string[]): Promise<Record<string, unknown>> {
  const file = join(folder, 'bench.yaml');
  await writeFile(file, text);
  const command = optionsOf(...args);
  await applyServeConfig(command, file);
  return command.opts();
}

describe('a configuration file of bench serve', () => {
  test('gives the same options as the command line', async () => {
    const file = `
backend: vllm
base-url: http://127.0.0.1:9000
model: llama
lora-modules: [a, b]
header: { X-Team: a, X-Shift: 2 }
random-input-len: 512
random-range-ratio: 0.8
conversation-turns: 2-6
no-oversample: true
ignore-eos: true
use-chat-template: false
temperature: 1e-7
extra-body: { top_n_tokens: 5, stop: null }
omit-field: stream_options
max-concurrency: [1, 2, 4]
request-rate: inf
num-warmups: 0
goodput: { ttft: 200, tpot: 0.5 }
percentile-metrics: [ttft, e2el]
metric-percentiles: [50, 99.9]
metadata: { rack: 7 }
tp: 8
precision: fp8
`;
    const args = `--backend vllm --base-url http://127.0.0.1:9000 --model llama --lora-modules a b --header X-Team=a X-Shift=2
      --random-input-len 512 --random-range-ratio 0.8 --conversation-turns 2-6 --no-oversample --ignore-eos
      --temperature 1e-7 --extra-body {"top_n_tokens":5,"stop":null} --omit-field stream_options
      --max-concurrency 1,2,4 --request-rate inf --num-warmups 0 --goodput ttft:200 tpot:0.5
      --percentile-metrics ttft,e2el --metric-percentiles 50,99.9 --metadata rack=7 --tp 8 --precision fp8`;
    expect(await withFile(file)).toEqual(optionsOf(...args.split(/\s+/)).opts());
  });

  test('can contain every option, under the name of its flag', () => {
    const flags = Object.values(serveTables).flatMap((table) =>
      Object.values(table).map(({ option }) => option.long?.slice(2)),
    );
    expect(Object.keys(serveConfigSchema.shape)).toEqual(flags);
  });

  test('yields to the command line, and to options there that exclude its own', async () => {
    expect(await withFile('max-concurrency: 8\nseed: 3\n', '--max-concurrency', '2')).toMatchObject({
      maxConcurrency: [2],
      seed: 3,
    });
    const options = await withFile('use-chat-template: true\n', '--skip-chat-template');
    expect(options).toHaveProperty('skipChatTemplate', true);
    expect(options).not.toHaveProperty('useChatTemplate');
  });

  test.each([
    ['max-concurrenci: 8\n', 1, 1, /unknown field 'max-concurrenci' \(did you mean 'max-concurrency'\?\)/],
    ['model: a\nmax-concurrency: 0\n', 2, 18, /max-concurrency: expected a whole number above 0/],
    ['seed: many\n', 1, 7, /seed: expected a .*number, found "many"/],
    ['backend: vlm\n', 1, 10, /backend: expected one of .*did you mean 'vllm'\?/],
    ['goodput: { itl: 5 }\n', 1, 1, /goodput: expected ttft:MS/],
    ['ignore-eos: yes please\n', 1, 13, /ignore-eos: expected true or false/],
    ['skip-chat-template: true\nuse-chat-template: true\n', 2, 20, /cannot be used together with skip-chat/],
    ['a: [\n', 2, 1, /not valid YAML/],
  ])('%j is rejected with its position', async (text, line, column, message) => {
    await expect(withFile(text)).rejects.toMatchObject({
      name: 'InputError',
      exitCode: 2,
      problems: expect.arrayContaining([expect.objectContaining({ line, column })]),
    });
    await expect(withFile(text)).rejects.toThrow(message);
  });

  test.each([
    'header: "Authorization: Bearer s3cretpass"',
    'header: { Authorization: [s3cretpass] }',
    'header: ["s3cretpass"]',
    'base-url: "ftp://user:s3cretpass@nowhere"',
  ])('a value that may be secret is not printed: %s', async (text) => {
    const refusal = await withFile(text).catch(String);
    expect(refusal).toMatch(/header|base-url/);
    expect(refusal).not.toContain('s3cretpass');
  });
});

describe('the example and the schema for editors', () => {
  const example = 'samples/bench-serve.yaml';
  const validate = new Ajv({ allowUnionTypes: true }).compile(
    JSON.parse(schemaFiles()['bench-serve.schema.json'] ?? ''),
  );

  test('the example is valid, and its first line points to the schema', async () => {
    const text = await readFile(example, 'utf8');
    const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    expect(JSON.parse(readFileSync(resolve(dirname(example), schema), 'utf8'))).toHaveProperty('properties');
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(await withFile(text)).toMatchObject({ maxConcurrency: [1, 8, 64], goodput: { ttft: 500 } });
  });

  test.each(['max-concurrency: many', 'backend: vlm', 'ignore-eos: 1', 'modell: a'])(
    'an editor marks %s',
    (text) => {
      expect(validate(parse(text))).toBe(false);
    },
  );
});
