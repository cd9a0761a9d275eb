import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../defined/defined.ts';
import type { Read, Reading, Subject } from './source.ts';
import { troubleOf } from './trouble.ts';

/** The most one reading may take. */
const readTimeoutMs = 5_000;
/** A source that fails so often in a row is not asked any more. */
const failuresAtMost = 3;

/** The readings of one moment. */
export interface Sample {
  /** Milliseconds since the epoch, the middle of the reading. */
  readonly atMs: number;
  /** How long the reading took. */
  readonly tookMs: number;
  readonly readings: readonly Reading[];
}

/** All that one source gave. */
export interface SourceRecording {
  readonly source: string;
  readonly subject: Subject;
  readonly samples: readonly Sample[];
  /** Readings that failed. */
  readonly missed: number;
  /** Why the last of them did. */
  readonly trouble?: string;
}

/** A source of what is sampled now. */
export interface OpenSource {
  readonly name: string;
  readonly subject: Subject;
  readonly intervalS: number;
  readonly read: Read;
}

export interface Recorder {
  /** Ends the sampling and gives what was recorded; safe to call more than once. */
  stop(): Promise<readonly SourceRecording[]>;
}

/**
 * Samples every source on its own clock until stopped. A source that is not there is a trouble in the recording, never
 * an error; no reading takes longer than its deadline, and none is begun before the last one has ended.
 */
export function startRecorder(sources: readonly OpenSource[], nowMs: () => number = Date.now): Recorder {
  const stopping = new AbortController();
  const recordings = Promise.all(sources.map((source) => record(source, nowMs, stopping.signal)));
  return {
    stop: async () => {
      stopping.abort();
      return await recordings;
    },
  };
}

async function record(source: OpenSource, nowMs: () => number, stop: AbortSignal): Promise<SourceRecording> {
  const samples: Sample[] = [];
  let missed = 0;
  let inARow = 0;
  let trouble: string | undefined;
  for (let last = false; !last; ) {
    // One more reading after the stop: counters need a value at the end of the window.
    last = stop.aborted;
    const startMs = nowMs();
    const start = performance.now();
    try {
      const readings = await source.read(readTimeoutMs);
      const tookMs = performance.now() - start;
      samples.push({ atMs: startMs + tookMs / 2, tookMs, readings });
      inARow = 0;
    } catch (error) {
      missed += 1;
      inARow += 1;
      trouble = troubleOf(error);
      // What is not there at the first reading is not there; what was there may have a bad moment.
      if (samples.length === 0 || inARow >= failuresAtMost) break;
    }
    const waitMs = Math.max(0, 1000 * source.intervalS - (performance.now() - start));
    if (!last) await delay(waitMs, undefined, { signal: stop }).catch(() => undefined);
  }
  const { name, subject } = source;
  return { source: name, subject, samples, missed, ...defined({ trouble }) };
}
