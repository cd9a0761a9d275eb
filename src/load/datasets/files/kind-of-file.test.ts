import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kindOfFile } from './kind-of-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kind-of-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function kindOf(content: string): Promise<string> {
  const file = join(folder, 'file');
  await writeFile(file, content);
  return await kindOfFile(file);
}

const turns = [
  { from: 'human', value: 'Hello' },
  { from: 'gpt', value: 'Hi' },
];

test.each<[kind: string, content: string]>([
  ['trace', '\n{"timestamp": 0, "input_length": 6, "output_length": 8, "hash_ids": [0]}'],
  ['azure', 'TIMESTAMP,ContextTokens,GeneratedTokens\n'],
  ['burstgpt', 'Timestamp,Model,Request tokens,Response tokens\n'],
  ['conversations', '{"turns": [{"input_tokens": 1, "output_tokens": 2}]}'],
  ['sharegpt', JSON.stringify([{ id: '1', conversations: turns }], undefined, 2)],
  ['sharegpt', JSON.stringify({ data: [{ conversations: turns }] })],
  ['messages', '{"messages": [{"role": "user", "content": "Hello"}], "output_tokens": 3}'],
  ['openai-batch', '{"custom_id": "1", "body": {"messages": []}}'],
  ['custom', '{"prompt": "Hello", "output_tokens": 3}'],
])('a file of %s is recognised by its first row', async (kind, content) => {
  expect(await kindOf(content)).toBe(kind);
});

test('a file of no kind is rejected with its first line, and so is an empty one', async () => {
  await expect(kindOf('\n{"text_length": 3}')).rejects.toThrow(
    /file:2: this is an object with the field text/,
  );
  await expect(kindOf('')).rejects.toThrow('the file is empty');
});
