import { expect, test } from 'vitest';
import { readArtifacts } from './artifacts.ts';
import type { Incoming } from './incoming.ts';

const nested = `${'['.repeat(6_000)}${']'.repeat(6_000)}`;
const sweep = { key: 'a', created_at: 0, command: 'test', source: 'import', state: 'complete' } as const;
const raw = `{"max_concurrency":1,"total_token_throughput":1,"more":${nested}}`;

test.each(['raw.json', 'raws.jsonl'])(
  'endlessly nested JSON is quarantined and not stored: %s',
  async (path) => {
    const file = { path, bytes: raw.length, modifiedAt: 0, read: async () => Buffer.from(raw) };
    const found: Incoming[] = [];
    for await (const part of readArtifacts([file], { sweep })) found.push(part);
    expect(found.flatMap(({ measured }) => measured)).toEqual([]);
    expect(found.flatMap(({ quarantined }) => quarantined)).toMatchObject([
      { file: expect.stringContaining(path), reason: 'it is nested more than 128 levels deep' },
    ]);
  },
);
