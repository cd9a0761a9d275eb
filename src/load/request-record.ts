import { z } from 'zod';
import { shardPrefix } from './lane.ts';
import { startMsOf, tpotMsOf } from './latencies.ts';
import type { LoadTest } from './load-test.ts';
import { type RequestLog, RequestState } from './request-log.ts';
import { orNull, valueAt } from './unknown.ts';

/**
 * How a request ended; `abandoned` when the test was stopped, `outside` if it completed but was sent before or after the
 * window of the figures.
 */
export const requestStates = ['completed', 'outside', 'failed', 'abandoned'] as const;

const time = z.number().nullable();
const count = z.int().min(0).nullable();

/** What was recorded of one request, in the form in which it is saved. Times are seconds since 1970. */
export const requestRecordSchema = z.object({
  index: z.int().min(0).describe('The number of the request in its test, or in its shard'),
  state: z.enum(requestStates),
  due_time: time.describe('When an open loop was due to send it; null in a closed loop'),
  start_time: time.describe('When it was sent'),
  first_token_time: time,
  last_token_time: time,
  end_time: time.describe('When its stream was free again'),
  ttft_ms: time.describe('From the scheduled send in an open loop, from the send in a closed loop'),
  tpot_ms: time,
  e2el_ms: time,
  input_tokens: count,
  output_tokens: count,
  cached_tokens: count.describe('Prompt tokens that the server reports as read from its prefix cache'),
  chunks: count,
  address: z.string().nullable().describe('The address of the server that it was sent to'),
  request_id: z.string().nullable().describe('The x-request-id, if one was sent'),
  error: z.string().nullable().describe('Why it failed, or what was wrong with the reply'),
  text: z.string().nullable().describe('The reply, if texts are saved'),
});

/** One request of a test. null means unknown: a failed request has no TTFT. */
export type RequestRecord = Readonly<z.output<typeof requestRecordSchema>>;

/** The fields of a record, in order. */
export const requestFields = requestRecordSchema.keyof().options;

interface RecordedRun {
  /** When the test started, and the same on the log's clock. */
  readonly date: Date;
  readonly startMs: number;
  readonly addresses: readonly string[];
}

const states: Readonly<Record<number, RequestRecord['state']>> = {
  [RequestState.completed]: 'completed',
  [RequestState.outside]: 'outside',
  [RequestState.failed]: 'failed',
  [RequestState.abandoned]: 'abandoned',
  [RequestState.inFlight]: 'abandoned',
};

/** Every request that was sent, one at a time, so that a long test needs no second copy of them. */
export function* requestRecords(
  test: Pick<LoadTest, 'requestIdPrefix' | 'shard'>,
  log: RequestLog,
  { date, startMs, addresses }: RecordedRun,
): Generator<RequestRecord> {
  const prefix = test.requestIdPrefix === undefined ? undefined : shardPrefix(test.requestIdPrefix, test);
  const unixS = (atMs: number): number | null => rounded((date.getTime() + atMs - startMs) / 1000, 1e6);
  for (let index = 0; index < log.length; index++) {
    const state = states[valueAt(log.state, index)];
    if (state === undefined) continue;
    const isReply = log.isReply(index);
    const ofReply = (value: number): number => (isReply ? value : Number.NaN);
    const fromMs = startMsOf(log, index, 'due');
    const firstMs = ofReply(valueAt(log.firstTokenMs, index));
    const lastMs = ofReply(valueAt(log.lastTokenMs, index));
    yield {
      index,
      state,
      due_time: unixS(valueAt(log.scheduledMs, index)),
      start_time: unixS(valueAt(log.startMs, index)),
      first_token_time: unixS(firstMs),
      last_token_time: unixS(lastMs),
      end_time: unixS(valueAt(log.endMs, index)),
      ttft_ms: rounded(firstMs - fromMs, 1e4),
      tpot_ms: rounded(ofReply(tpotMsOf(log, index)), 1e4),
      e2el_ms: rounded(lastMs - fromMs, 1e4),
      input_tokens: orNull(valueAt(log.inputTokens, index)),
      output_tokens: orNull(ofReply(valueAt(log.outputTokens, index))),
      cached_tokens: orNull(ofReply(valueAt(log.cachedTokens, index))),
      chunks: isReply ? valueAt(log.chunks, index) : null,
      address: addresses[valueAt(log.address, index)] ?? null,
      request_id: prefix === undefined ? null : `${prefix}${index}`,
      error: log.detailedErrors?.[index] ?? null,
      text: log.detailedTexts?.[index] ?? null,
    };
  }
}

/** Without the digits that only the computation added. */
function rounded(value: number, perUnit: number): number | null {
  return orNull(Math.round(value * perUnit) / perUnit);
}
