import { nowMs } from './clock.ts';
import type { Prompt } from './datasets/index.ts';
import { dispatch } from './dispatch.ts';
import { ReadyQueue } from './ready-queue.ts';
import { newCounters } from './recording.ts';
import { RequestLog } from './request-log.ts';
import type { Stream } from './stream.ts';
import { ownQueue } from './work-queue.ts';

export type CountedTokens = Stream['countedTokens'];

/** Sends one text and requests one token. Returns how many tokens the server counted, if it reports that. */
export async function probe(stream: Stream, json: Uint8Array, signal: AbortSignal): Promise<CountedTokens> {
  const prompt: Prompt = { body: { kind: 'text', json }, inputTokens: 0, outputTokens: 1 };
  await dispatch([stream], {
    dataset: { length: 1, prompt: () => prompt },
    queue: new ReadyQueue(ownQueue(Int32Array.of(0), { number: 0, of: 1 }), () => stream.render(prompt), 0),
    recording: { log: RequestLog.ofLength(1), counters: newCounters(), keepTexts: 'none' },
    startMs: nowMs(),
    signal,
  });
  return stream.countedTokens;
}
