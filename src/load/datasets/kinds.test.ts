import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { datasetKinds, datasetNames, makeDataset } from './kinds.ts';

const written: string[] = [];
const fileOf = async (text: string): Promise<string> => {
  const file = join(tmpdir(), `kinds-${randomUUID()}`);
  await writeFile(file, text);
  written.push(file);
  return file;
};
afterEach(async () => {
  for (const file of written.splice(0)) await rm(file);
});

const mooncake = '{"timestamp":0,"input_length":5,"output_length":2}\n';
const azure = 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.97,5,2\n';
const burst = 'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,GPT-4,5,2,7,API log\n';
const messages = '{"messages":[{"role":"user","content":"a"}],"output_tokens":2}\n';
const batch =
  '{"custom_id":"1","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"a"}],"max_tokens":2}}';

describe('makeDataset', () => {
  it.each<[string, string, string]>([
    ['sharegpt', '[{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}]', 'texts'],
    ['custom', '{"prompt":"a","output_tokens":2}', 'texts'],
    ['custom', messages, 'texts'],
    ['custom', batch, 'texts'],
    ['messages', messages, 'texts'],
    ['openai-batch', batch, 'texts'],
    ['trace', mooncake, 'trace'],
    ['trace', azure, 'trace'],
    ['trace', burst, 'trace'],
    ['azure', azure, 'trace'],
    ['burstgpt', burst, 'trace'],
    ['conversations', '{"turns":[{"input_tokens":5,"output_tokens":2}]}', 'conversations'],
    ['agentic', '{"turns":[{"input_tokens":5,"output_tokens":2}]}', 'conversations'],
  ])('reads %s from %j', async (name, text, kind) => {
    const made = await makeDataset(name, { datasetPath: await fileOf(text) });
    expect(made).toMatchObject({ dataset: { kind }, numPrompts: 1 });
  });

  it.each([
    ['sharegpt', azure, /:1: this is an Azure LLM inference trace \(CSV\), expected JSON/, 'azure'],
    ['custom', burst, /:1: this is a BurstGPT trace \(CSV\), expected JSON/, 'burstgpt'],
    ['conversations', mooncake, /:1: this is a row of a trace/, 'trace'],
  ])('names the right kind for a file that is not %s', async (name, text, message, other) => {
    await expect(makeDataset(name, { datasetPath: await fileOf(text) })).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint: `--dataset-name ${other} reads such files`,
    });
  });

  it("has the defaults of vLLM's client", async () => {
    expect(await makeDataset('random', {})).toEqual({
      dataset: { kind: 'random', inputLen: 1024, outputLen: 128, rangeRatio: 1 },
      numPrompts: 1000,
      notes: [],
    });
    expect(await makeDataset('prefix_repetition', { numPrompts: 5 })).toMatchObject({
      dataset: { kind: 'shared-prefix', prefixLen: 256, groups: 10, inputLen: 256, outputLen: 128 },
      numPrompts: 5,
    });
  });

  it('names the options that a kind does not read', async () => {
    const options = { datasetPath: await fileOf(messages), randomInputLen: 5, traceBlockSize: 16, seed: 1 };
    expect((await makeDataset('custom', options)).notes).toContain(
      'not read by --dataset-name custom: --random-input-len, --trace-block-size',
    );
    expect((await makeDataset('random', { thinkTime: 1, randomInputLen: 5, seed: 1 })).notes).toEqual([
      'not read by --dataset-name random: --think-time',
    ]);
  });

  it('requires a file for the kinds that read one', async () => {
    const drawn = ['random', 'random-rerank', 'random-mm', 'prefix_repetition', 'conversations', 'agentic'];
    for (const name of datasetNames.filter((one) => !drawn.includes(one))) {
      await expect(makeDataset(name, {})).rejects.toThrow(`--dataset-name ${name} needs --dataset-path`);
    }
    await expect(makeDataset('sonnet', {})).rejects.toThrow("unknown data set type 'sonnet'");
  });

  it('has each kind once, with a line of help', () => {
    expect(new Set(datasetNames).size).toBe(datasetKinds.length);
    expect(datasetKinds.every(({ help }) => help.length > 10)).toBe(true);
  });
});
