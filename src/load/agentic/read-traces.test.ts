import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAgentTrace, readAgentTraces } from './read-traces.ts';

const request = { t: 0, type: 's', model: 'm', in: 64, out: 5, hash_ids: [1] };
const trace = { id: 'a', models: ['m'], block_size: 64, hash_id_scope: 'local', requests: [request] };

async function withFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'traces-'));
  try {
    const file = join(folder, 'traces.jsonl');
    await writeFile(file, text);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function idsIn(file: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { trace: found } of readAgentTraces(file)) ids.push(found.id);
  return ids;
}

describe('traces of coding agents', () => {
  it('are read in the order of the file, one per line', async () => {
    const lines = ['x', 'y', 'z'].map((id) => JSON.stringify({ ...trace, id })).join('\n');
    expect(await withFile(lines, idsIn)).toEqual(['x', 'y', 'z']);
  });

  it('may be a single object over several lines', async () => {
    expect(await withFile(JSON.stringify(trace, undefined, 2), idsIn)).toEqual(['a']);
  });

  it('keep hash ids of any size apart', () => {
    const ids = [9007199254740993n, 9007199254740992n];
    const parsed = parseAgentTrace({ ...trace, requests: [{ ...request, hash_ids: ids }] }, { file: 'f' });
    expect(parsed.requests[0]).toHaveProperty('hash_ids', ids);
  });

  it.each([
    [
      'a second trace of the same id',
      `${JSON.stringify(trace)}\n\n${JSON.stringify(trace)}`,
      /:3: id: "a" is already the id of the trace in line 1/,
    ],
    ['an empty file', '', /no traces/],
    ['a truncated line', `${JSON.stringify(trace)}\n${JSON.stringify(trace).slice(0, 50)}`, /:2:.*truncated/],
  ])('%s is refused', async (_what, text, message) => {
    await expect(withFile(text, idsIn)).rejects.toThrow(message);
  });

  it.each([
    [
      'a wrong number in a request',
      { requests: [request, { ...request, in: 'many' }] },
      /^f:7: requests\[1\]\.in: expected a number, not the string "many"$/,
    ],
    [
      'a fraction of a token',
      { requests: [{ ...request, out: 1.5 }] },
      /requests\[0\]\.out: .*not the number 1.5/,
    ],
    [
      'a hash id that is no number',
      { requests: [{ ...request, hash_ids: [1, 'x'] }] },
      /requests\[0\]\.hash_ids: expected a list of whole numbers, not a list of length 2/,
    ],
    ['ids of another scope', { hash_id_scope: 'global' }, /hash_id_scope: .*"local"/],
    ['two errors', { block_size: 0, extra: 1 }, /block_size: .* \(and 1 more error in this trace\)/],
    ['something else', 7, /this: expected an object, not the number 7/],
  ])('%s is named by line and field', (_what, change, message) => {
    const value = typeof change === 'object' ? { ...trace, ...change } : change;
    expect(() => parseAgentTrace(value, { file: 'f', line: 7 })).toThrow(message);
  });
});
