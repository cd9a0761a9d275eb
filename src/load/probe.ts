import type { Prompt } from './datasets/index.ts';
import { dispatch } from './dispatch.ts';
import { RequestLog } from './request-log.ts';
import type { Stream } from './stream.ts';

/** Sends one text with a reply of one token; returns how many prompt tokens the server counted, if it says so. */
export async function probePromptTokens(
  stream: Stream,
  json: Uint8Array,
  signal: AbortSignal,
): Promise<number | undefined> {
  const prompt: Prompt = { body: { kind: 'text', json }, inputTokens: 0, outputTokens: 1 };
  const log = new RequestLog(1, { detailed: false });
  const counters = { inFlight: 0, promptTokenMismatches: 0, repliesWithoutUsage: 0, reconnects: 0 };
  await dispatch([stream], { dataset: { length: 1, prompt: () => prompt }, log, counters, signal });
  return stream.countedPromptTokens;
}
