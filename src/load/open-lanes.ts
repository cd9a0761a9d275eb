import { availableParallelism } from 'node:os';
import { backendFor, backends } from './backends/index.ts';
import { type PromptPlan, planPrompts } from './datasets/prepare.ts';
import type { ServerAddresses } from './http/addresses.ts';
import { type Lane, openLane, openPool } from './lane.ts';
import type { LoadTest } from './load-test.ts';
import type { Stream } from './stream.ts';

/** Streams that one thread handles without falling behind. */
const streamsPerThread = 2048;

/** The number of threads of a test that does not specify it. */
function threadsFor({ threads, maxConcurrency, numPrompts }: LoadTest): number {
  const streams = Math.min(maxConcurrency, numPrompts);
  // How many streams an unlimited open loop will need is not known in advance.
  const enough = Number.isFinite(maxConcurrency) ? Math.ceil(streams / streamsPerThread) : 1;
  return Math.min(streams, threads ?? Math.min(availableParallelism(), enough));
}

/**
 * Opens the connections of a test in as many threads as it should have. Throws LoadError `cannot-connect`, after
 * closing the connections that were opened.
 */
export async function openLanes(
  test: LoadTest,
  addresses: ServerAddresses,
  signal: AbortSignal,
): Promise<Lane[]> {
  const of = threadsFor(test);
  // A single lane runs in this thread.
  if (of === 1) return [await openLane(test, addresses, { number: 0, of }, signal)];
  // Loading threads takes 5 ms, which single-threaded tests avoid.
  const { startThread } = await import('./threads.ts');
  const shares = Array.from({ length: of }, (_, number) => ({ number, of }));
  const started = await Promise.allSettled(
    shares.map((share) => startThread({ test, addresses, share }, signal)),
  );
  const lanes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  for (const result of started) {
    if (result.status === 'fulfilled') continue;
    await Promise.all(lanes.map((lane) => lane.close()));
    throw result.reason;
  }
  return lanes;
}

/** Learns how to write prompts, on a separate connection if it has to ask the server. Throws LoadError. */
export async function learnPrompts(
  test: LoadTest,
  addresses: ServerAddresses,
  signal: AbortSignal,
): Promise<PromptPlan> {
  const opened: Stream[] = [];
  const open = async (): Promise<Stream> => {
    const { streams } = await openPool(test, addresses, { count: 1, offset: 0 }, signal);
    opened.push(...streams);
    const [stream] = streams;
    if (stream === undefined) throw new Error('no stream was opened');
    return stream;
  };
  try {
    return await planPrompts(test, backends[backendFor(test)], open, signal);
  } finally {
    for (const stream of opened) stream.close();
  }
}
