import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDataset } from '../kinds.ts';
import { kindOfFile } from './kind-of-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otel-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(...rows: readonly unknown[]): Promise<string> {
  const file = join(folder, 'spans.jsonl');
  await writeFile(file, rows.map((row) => JSON.stringify(row)).join('\n'));
  return file;
}

const span = (start_time: string, input: unknown, more = {}) => ({
  name: 'chat model',
  start_time,
  attributes: { 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': 7, ...more },
});

describe('spans of calls to models', () => {
  test('are a trace of their lengths and start times; other spans are counted', async () => {
    const file = await fileOf(
      span('2026-01-01T00:00:02.500Z', 20),
      { name: 'GET /', start_time: '2026-01-01T00:00:00Z', attributes: { 'http.status_code': 200 } },
      span('2026-01-01T00:00:01Z', 10),
      span('2026-01-01T00:00:03Z', 10, { 'gen_ai.operation.name': 'embeddings' }),
    );
    expect(await kindOfFile(file)).toBe('otel');
    const made = await makeDataset('otel', { datasetPath: file });
    expect(made.arrivals?.timestampsMs).toEqual([0, 1500]);
    expect(made.dataset).toMatchObject({
      kind: 'trace',
      requests: [
        { inputTokens: 10, outputTokens: 7 },
        { inputTokens: 20, outputTokens: 7 },
      ],
    });
    expect(made.notes.join()).toContain('2 of 4 spans skipped: they generate no tokens');
  });

  test("are read from OTLP's exports, with their messages if all have them", async () => {
    const attribute = (key: string, value: object) => ({ key, value });
    const messages = [{ role: 'user', parts: [{ type: 'text', content: 'Hello' }] }];
    const attributes = [
      attribute('gen_ai.usage.input_tokens', { intValue: '12' }),
      attribute('gen_ai.usage.output_tokens', { intValue: '3' }),
      attribute('gen_ai.input.messages', { stringValue: JSON.stringify(messages) }),
      attribute('gen_ai.system_instructions', {
        stringValue: JSON.stringify([{ type: 'text', content: 'Be short.' }]),
      }),
    ];
    const spans = [{ startTimeUnixNano: '1767225600000000000', attributes }];
    const file = await fileOf({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    expect(await kindOfFile(file)).toBe('otel');
    const { dataset } = await makeDataset('otel', { datasetPath: file });
    expect(dataset).toEqual({
      kind: 'texts',
      prompts: [
        {
          messages: [
            { role: 'system', content: 'Be short.' },
            { role: 'user', content: 'Hello' },
          ],
          outputTokens: 3,
        },
      ],
    });
  });

  test.each([
    [span('2026-01-01T00:00:00Z', -1), /:2: gen_ai\.usage\.input_tokens must be a whole number.*-1/],
    [span('yesterday', 3), /:2: start_time must be a date and time .*"yesterday"/],
    [{ prompt: 'Hello' }, /:2: this is a prompt .* expected a span/],
  ])('that are damaged are rejected with file, line and field: %j', async (row, message) => {
    const file = await fileOf(span('2026-01-01T00:00:00Z', 3), row);
    await expect(makeDataset('otel', { datasetPath: file })).rejects.toThrow(message);
  });
});
