import { z } from 'zod';
import type { ArrivalSpec } from '../arrivals/index.ts';
import { LoadError } from '../load-error.ts';
import type { ConversationsSpec, TraceSpec } from './synthetic.ts';
import type { TextsSpec } from './texts.ts';

/** The tokens of a block in Mooncake's traces. */
const mooncakeBlockTokens = 512;

const shareGpt = z.array(
  z.object({ conversations: z.array(z.object({ value: z.string() })) }).catch({ conversations: [] }),
);
const textLine = z.object({ prompt: z.string(), output_tokens: z.int().positive().optional() });
const traceLine = z.object({
  timestamp: z.number().nonnegative(),
  input_length: z.int().positive(),
  output_length: z.int().positive(),
  hash_ids: z.array(z.int()).default([]),
});
const turn = z.object({
  input_tokens: z.int().positive(),
  output_tokens: z.int().positive(),
  pause_s: z.number().nonnegative().default(0),
});
const conversationLine = z.object({ turns: z.array(turn).min(1) });

/** ShareGPT's JSON: the first two messages of each conversation are a prompt and the length of its reply. */
export function parseShareGpt(text: string, file: string, outputTokens: number | undefined): TextsSpec {
  const parsed = shareGpt.safeParse(jsonOf(text, file, 1));
  if (!parsed.success) throw wrong(file, 1, z.prettifyError(parsed.error));
  const prompts = parsed.data.flatMap(({ conversations: [question, answer] }) =>
    question === undefined || answer === undefined || question.value === ''
      ? []
      : // Of a recorded reply only its rough length is used: four characters are about a token of English.
        [
          {
            text: question.value,
            outputTokens: outputTokens ?? Math.max(1, Math.round(answer.value.length / 4)),
          },
        ],
  );
  return { kind: 'texts', prompts: nonEmpty(prompts, file) };
}

/** JSON lines of `{"prompt": "…", "output_tokens": n}`; `outputTokens` overrides, and is needed where it is absent. */
export function parseTextLines(text: string, file: string, outputTokens: number | undefined): TextsSpec {
  const prompts = lines(text, file, textLine).map(({ prompt, output_tokens }, index) => {
    const asked = outputTokens ?? output_tokens;
    if (asked === undefined)
      throw wrong(file, index + 1, 'output_tokens is missing, and no output length was given');
    return { text: prompt, outputTokens: asked };
  });
  return { kind: 'texts', prompts };
}

/** Mooncake's JSON lines: `timestamp` (ms), `input_length`, `output_length`, `hash_ids` of 512-token blocks; `speedup` times as fast. */
export function parseTrace(
  text: string,
  file: string,
  speedup: number,
): { dataset: TraceSpec; arrivals: Extract<ArrivalSpec, { kind: 'trace' }> } {
  const requests = lines(text, file, traceLine).sort((a, b) => a.timestamp - b.timestamp);
  const startMs = requests[0]?.timestamp ?? 0;
  return {
    dataset: {
      kind: 'trace',
      blockTokens: mooncakeBlockTokens,
      requests: requests.map(({ input_length, output_length, hash_ids }) => ({
        inputTokens: input_length,
        outputTokens: output_length,
        blocks: hash_ids,
      })),
    },
    arrivals: {
      kind: 'trace',
      timestampsMs: requests.map(({ timestamp }) => (timestamp - startMs) / speedup),
    },
  };
}

/** JSON lines of `{"turns": [{"input_tokens", "output_tokens", "pause_s"}]}`: conversations or an agent's sessions. */
export function parseConversations(text: string, file: string): ConversationsSpec {
  const conversations = lines(text, file, conversationLine).map(({ turns }) =>
    turns.map(({ input_tokens, output_tokens, pause_s }) => ({
      inputTokens: input_tokens,
      outputTokens: output_tokens,
      pauseS: pause_s,
    })),
  );
  return { kind: 'conversations', conversations };
}

function lines<T>(text: string, file: string, schema: z.ZodType<T>): T[] {
  const values = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const parsed = schema.safeParse(jsonOf(line, file, index + 1));
    if (!parsed.success) throw wrong(file, index + 1, z.prettifyError(parsed.error));
    return [parsed.data];
  });
  return nonEmpty(values, file);
}

function jsonOf(text: string, file: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(file, line, error instanceof Error ? error.message : String(error));
  }
}

function nonEmpty<T>(values: T[], file: string): T[] {
  if (values.length === 0) throw wrong(file, 1, 'there is not one prompt in it');
  return values;
}

function wrong(file: string, line: number, message: string): LoadError {
  return new LoadError('bad-test', `${file}:${line}: ${message}`);
}
