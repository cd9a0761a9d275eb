import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeDataset } from './kinds.ts';
import type { DatasetOptions } from './options.ts';

/** Files like those in public issues about other clients, next to the repository clone. */
const folder = new URL('../../../../shared/findings/load/datasets/', import.meta.url);
const missing = !existsSync(folder);
if (missing) console.warn(`skipped: ${folder.pathname} is not there`);

const inFileOrder: DatasetOptions = { disableShuffle: true };
const tales = [0, 1, 2, 3, 4, 5].map((number) => ({
  text: `Tell me a tale about number ${number}, please.`,
  outputTokens: 28,
}));
const about = [0, 1, 2, 3].map((number) => ({ text: `Tell me about ${number}`, outputTokens: 8 }));
const chats = [0, 1, 2, 3].map((number) => ({
  messages: [{ role: 'user', content: `Tell me about ${number}` }],
  outputTokens: 8,
}));

describe.skipIf(missing)('files from public issue reports', () => {
  const read = (name: string, file: string, options: DatasetOptions = {}) =>
    makeDataset(name, { ...inFileOrder, ...options, datasetPath: new URL(file, folder).pathname });

  it.each([
    'sharegpt-good.json',
    'sharegpt-bom.json',
    'sharegpt.jsonl',
    'sharegpt-conversation-key.json',
    'sharegpt-messages.json',
    'sharegpt-role-content.json',
    'sharegpt-object.json',
  ])('reads %s', async (file) => {
    expect((await read('sharegpt', file)).dataset).toEqual({ kind: 'texts', prompts: tales });
  });

  it('uses the first human turn if another speaker comes first', async () => {
    expect((await read('sharegpt', 'sharegpt-roles.json')).dataset).toMatchObject({
      prompts: [{ text: 'Why do you speak first?' }, { text: 'What is two plus two?' }],
    });
  });

  it('reads the valid rows of a file with odd ones, and counts the others', async () => {
    const { dataset, notes } = await read('sharegpt', 'sharegpt-odd-rows.json');
    expect(dataset).toMatchObject({
      prompts: [tales[0], tales[1], { text: 'A good question?', outputTokens: 38 }],
    });
    expect(notes[0]).toMatch(/^sharegpt-odd-rows\.json: 6 of 9 rows skipped: /);
  });

  it('skips prompts that exceed the context', async () => {
    const { dataset, notes } = await read('sharegpt', 'sharegpt-long.json', { maxModelLen: 100 });
    expect(dataset).toMatchObject({ prompts: tales.slice(0, 3) });
    expect(notes[0]).toMatch(/1 of 4 prompts skipped/);
  });

  it.each([
    'custom-good.jsonl',
    'custom-bom.jsonl',
    'custom-crlf.jsonl',
    'custom-utf16.jsonl',
    'custom-array.json',
  ])('reads %s', async (file) => {
    expect((await read('custom', file)).dataset).toEqual({ kind: 'texts', prompts: about });
  });

  it.each([
    ['custom', 'custom-prompt-list.jsonl', chats],
    ['custom', 'custom-openai-batch.jsonl', chats],
    ['openai-batch', 'custom-openai-batch.jsonl', chats],
    ['custom', 'custom-u2028.jsonl', [{ text: 'one\u2028two', outputTokens: 8 }]],
  ])('reads %s: %s', async (name, file, prompts) => {
    expect((await read(name, file)).dataset).toEqual({ kind: 'texts', prompts });
  });

  it('reads messages, with a system prompt', async () => {
    for (const name of ['custom', 'messages']) {
      expect((await read(name, 'custom-messages.jsonl')).dataset).toMatchObject({
        prompts: chats.map(({ messages }) => ({ messages: [{ role: 'system' }, ...messages] })),
      });
    }
  });

  it.each([
    ['custom', 'custom-blank-lines.jsonl', /:4: output_tokens is missing/],
    ['custom', 'custom-no-length.jsonl', /:1: output_tokens is missing/],
    [
      'custom',
      'custom-zero-output.jsonl',
      /:2: output_tokens must be a whole number above 0, not the number 0/,
    ],
    ['custom', 'custom-float-output.jsonl', /:2: output_tokens must .* not the number 7.5/],
    ['custom', 'custom-null-output.jsonl', /:2: output_tokens is null/],
    ['custom', 'custom-empty-prompt.jsonl', /:1: prompt is empty/],
    [
      'trace',
      'mooncake-zero-output.jsonl',
      /:4: output_length must be a whole number above 0, not the number 0/,
    ],
    ['trace', 'mooncake-no-output.jsonl', /:1: output_length is missing/],
  ])('rejects as %s the file %s, with the line', async (name, file, message) => {
    await expect(read(name, file)).rejects.toThrow(message);
  });

  it.each([
    ['mooncake-good.jsonl', 512, [0, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6]],
    ['mooncake-16-blocks.jsonl', 16, [0, 0, 0, 0, 0, 0], [2, 3, 4, 5, 6, 7]],
    ['mooncake-huge-ids.jsonl', 512, [0, 1], [0, 1]],
    ['mooncake-float-ts.jsonl', 512, [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]],
    ['mooncake-no-timestamp.jsonl', 512, [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]],
  ])('reads %s with blocks of %d tokens', async (file, blockTokens, first, last) => {
    const { dataset, arrivals } = await read('trace', file);
    const requests = dataset.kind === 'trace' ? dataset.requests : [];
    expect(dataset).toMatchObject({ kind: 'trace', blockTokens });
    expect(requests.map(({ blocks }) => blocks[0])).toEqual(first);
    expect(requests.map(({ blocks }) => blocks.at(-1))).toEqual(last);
    expect(arrivals === undefined).toBe(file.includes('no-timestamp'));
  });

  it('sends all 1,200 requests of a trace', async () => {
    expect(await read('trace', 'mooncake-1200-rows.jsonl')).toMatchObject({ numPrompts: 1200, notes: [] });
  });

  it('reads the CSV files of Azure and BurstGPT', async () => {
    for (const name of ['trace', 'azure']) {
      expect(await read(name, 'azure.csv')).toMatchObject({ numPrompts: 3, arrivals: { kind: 'trace' } });
    }
    for (const name of ['trace', 'burstgpt']) {
      expect(await read(name, 'burstgpt.csv')).toMatchObject({
        numPrompts: 2,
        arrivals: { timestampsMs: [0, 113_000] },
        notes: ['burstgpt.csv: 1 of 3 rows skipped: they have 0 tokens (the first is line 3)'],
      });
    }
  });
});
