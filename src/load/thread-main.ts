import { parentPort } from 'node:worker_threads';
import { defined } from '../defined/defined.ts';
import { type LocalLane, openLane, type TestPhase } from './lane.ts';
import { LoadError } from './load-error.ts';
import { type KeptOfEach, type RequestColumns, RequestLog } from './request-log.ts';
import type { LaneAnswer, LaneCall } from './threads.ts';

/** A thread of a load test; executes the calls that `threads.ts` sends. */
const vitalsIntervalMs = 250;

let lane: LocalLane | undefined;
const stopped = new AbortController();

function say(answer: LaneAnswer): void {
  parentPort?.postMessage(answer);
}

function opened(): LocalLane {
  if (lane === undefined) throw new Error('a thread was used before it was opened');
  return lane;
}

async function run(phase: TestPhase, columns: RequestColumns, kept: KeptOfEach): Promise<void> {
  const log = new RequestLog(columns, kept);
  const telling = setInterval(() => say({ answer: 'vitals', vitals: opened().vitals() }), vitalsIntervalMs);
  try {
    await opened().run(phase, log, stopped.signal);
  } finally {
    clearInterval(telling);
  }
  if (stopped.signal.aborted) await opened().close();
  say({ answer: 'done', parts: log.parts(), vitals: opened().vitals() });
}

async function answer(asked: LaneCall): Promise<void> {
  switch (asked.call) {
    case 'open':
      lane = await openLane(asked.test, asked.addresses, asked.share, stopped.signal);
      return say({ answer: 'done' });
    case 'prepare':
      await opened().prepare(asked.plan, asked.cursors);
      return say({ answer: 'done' });
    case 'run':
      return await run(asked.phase, asked.columns, asked.kept);
    case 'stop':
      return stopped.abort();
    case 'close':
      await lane?.close();
  }
}

parentPort?.on('message', (asked: LaneCall) => {
  answer(asked).catch((error: unknown) => {
    say({
      answer: 'failed',
      message: error instanceof Error ? error.message : String(error),
      ...defined({
        errorClass: error instanceof LoadError ? error.errorClass : undefined,
        hint: error instanceof LoadError && error.hint !== undefined ? error.hint : undefined,
      }),
    });
  });
});
