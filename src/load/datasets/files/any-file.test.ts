import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../test/support/runs.ts';
import { LoadError } from '../../load-error.ts';
import { textInPieces } from '../testdata/text-in-pieces.ts';
import { readConversations } from './conversations.ts';
import { azure, burstGpt, readCsvTrace } from './csv-traces.ts';
import { readMooncake } from './mooncake.ts';
import { readMessages, readOpenAiBatch, readPrompts } from './prompts.ts';
import { readShareGpt } from './sharegpt.ts';
import type { DatasetFile } from './text-file.ts';

const good = [
  '[{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]},\n{"conversations":[]}]',
  '{"prompt":"a","output_tokens":3}\n\n{"prompt":[1,2],"output_tokens":3}\n{"text":"\\"x\\\\"}\n',
  '{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"max_tokens":2}\n',
  '{"custom_id":"1","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"a"}],"max_tokens":2}}',
  '{"timestamp":0,"input_length":48,"output_length":8,"hash_ids":[0,1,18446744073709551615]}\n',
  '{"data":[{"turns":[{"input_tokens":5,"output_tokens":2,"pause_s":0.5}]}]}',
  'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.97,5,2\n',
  'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,"GPT-4",5,2,7,API log\n',
];
const readers: readonly (readonly [string, (file: DatasetFile) => Promise<unknown>])[] = [
  ['readShareGpt', (file) => readShareGpt(file, {})],
  ['readShareGpt, every turn', (file) => readShareGpt(file, { multiTurn: true })],
  ['readPrompts', (file) => readPrompts(file, {})],
  ['readMessages', (file) => readMessages(file, { outputLen: 3 })],
  ['readOpenAiBatch', (file) => readOpenAiBatch(file, {})],
  ['readMooncake', (file) => readMooncake(file, { maxModelLen: 100 })],
  ['readConversations', (file) => readConversations(file, {})],
  ['readCsvTrace of Azure', (file) => readCsvTrace(file, {}, azure)],
  ['readCsvTrace of BurstGPT', (file) => readCsvTrace(file, {}, burstGpt)],
];

/** A valid file of any kind in which some pieces were cut, moved or overwritten. */
const damaged = fc
  .tuple(
    fc.constantFrom(...good),
    fc.array(
      fc.tuple(
        fc.nat(300),
        fc.nat(6),
        fc.oneof(
          fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            '"',
            '\\',
            ',',
            ':',
            '\n',
            '\r',
            'null',
            '0',
            '-1',
            '1e999',
            '{}',
            '[]',
          ),
          fc.string({ unit: 'binary', maxLength: 3 }),
        ),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([text, changes]) =>
    changes.reduce((changed, [at, removed, added]) => {
      const from = at % (changed.length + 1);
      return changed.slice(0, from) + added + changed.slice(from + removed);
    }, text),
  );

describe('a file with any content', () => {
  it.each(readers)('is read, or rejected with its position, by %s', async (_, read) => {
    await fc.assert(
      fc.asyncProperty(
        damaged,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 }),
        async (text, lengths) => {
          const outcome = async (pieces: readonly number[]): Promise<unknown> => {
            try {
              return await read(textInPieces(text, pieces));
            } catch (error) {
              if (!(error instanceof LoadError)) throw error;
              expect(error.errorClass).toBe('bad-test');
              expect(error.message).toMatch(/^f:\d+(:\d+)?: \S/);
              return error.message;
            }
          };
          // The result does not depend on the chunk sizes.
          expect(await outcome(lengths)).toEqual(await outcome([1 << 20]));
        },
      ),
      { numRuns: runs(40) },
    );
  });
});
