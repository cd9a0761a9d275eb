import { basename } from 'node:path';
import { shardOf, shardPart } from '../../shards.ts';
import type { DatasetOptions, MadeDataset } from '../options.ts';
import type { Turn } from '../synthetic.ts';
import { fieldsOf, lengthIn, outputTokensOf, wrongRow } from './fields.ts';
import { count, describe, type FilePlace, wrongFile } from './problem.ts';
import { recordsOf } from './records.ts';
import type { DatasetFile } from './text-file.ts';

const wanted =
  'a conversation such as {"turns": [{"input_tokens": 100, "output_tokens": 20, "pause_s": 1.5}]}';

/**
 * Reads JSON lines of `{"turns": [{"input_tokens", "output_tokens", "pause_s"}]}`: conversations or agent sessions
 * given by their lengths, in file order. All are sent unless --num-prompts limits the requests. Throws LoadError.
 */
export async function readConversations(file: DatasetFile, options: DatasetOptions): Promise<MadeDataset> {
  const conversations: (readonly Turn[])[] = [];
  const isRow = (element: unknown): boolean => Array.isArray(fieldsOf(element)?.turns);
  for await (const { value, line } of recordsOf(file, { isRow })) {
    const place = { file: file.file, line };
    const turns = fieldsOf(value)?.turns;
    if (!Array.isArray(turns) || turns.length === 0) throw wrongRow(place, value, wanted, 'conversations');
    conversations.push(turns.map((turn: unknown, index) => turnOf(turn, `turns[${index}]`, options, place)));
  }
  const { numPrompts: asked, shard } = options;
  const available = turnsIn(conversations);
  if (available === 0) throw wrongFile({ file: file.file, line: 1 }, 'the file has no prompts');
  const total = Math.min(asked ?? available, available);
  const own = shardOf(conversations, shard);
  const notes = [
    ...(total < available
      ? [`the first ${total.toLocaleString('en-US')} of ${count(available, 'turn')} are sent (--num-prompts)`]
      : []),
    ...(asked !== undefined && asked > available
      ? [
          `it has ${count(available, 'turn')}, and each is sent once: fewer requests than the ${asked} requested`,
        ]
      : []),
  ];
  return {
    dataset: { kind: 'conversations', conversations: own },
    numPrompts: Math.min(total === available ? available : shardPart(total, shard), turnsIn(own)),
    notes: notes.map((note) => `${basename(file.file)}: ${note}`),
  };
}

function turnsIn(conversations: readonly (readonly Turn[])[]): number {
  return conversations.reduce((sum, { length }) => sum + length, 0);
}

function turnOf(value: unknown, name: string, { outputLen }: DatasetOptions, place: FilePlace): Turn {
  const turn = fieldsOf(value);
  const inputTokens = turn === undefined ? undefined : lengthIn(turn, ['input_tokens'], place);
  if (turn === undefined || inputTokens === undefined) {
    throw wrongFile(place, `${name} is ${describe(value)}, expected input_tokens in ${wanted}`);
  }
  const pause = turn.pause_s ?? 0;
  if (typeof pause !== 'number' || !Number.isFinite(pause) || pause < 0) {
    throw wrongFile(place, `${name}.pause_s must be a number of seconds, 0 or more, not ${describe(pause)}`);
  }
  const outputTokens = outputTokensOf(turn, outputLen, place, `${name}.output_tokens`);
  return { inputTokens, outputTokens, pauseS: pause };
}
