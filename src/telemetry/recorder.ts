import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../defined/defined.ts';
import type { Read, Reading, Subject } from './source.ts';
import { troubleOf } from './trouble.ts';

/** Timeout of one reading. */
const readTimeoutMs = 5_000;
/** A source that fails this many times in a row is not read any more. */
const failuresAtMost = 3;

/** The readings at one moment. */
export interface Sample {
  /** Milliseconds since the epoch, at the middle of the reading. */
  readonly atMs: number;
  /** How long the reading took. */
  readonly tookMs: number;
  readonly readings: readonly Reading[];
}

/** Everything recorded from one source. */
export interface SourceRecording {
  readonly source: string;
  readonly subject: Subject;
  readonly samples: readonly Sample[];
  /** The number of failed readings. */
  readonly missed: number;
  /** Why the last of them failed. */
  readonly trouble?: string;
}

/** A source that is being sampled. */
export interface OpenSource {
  readonly name: string;
  readonly subject: Subject;
  readonly intervalS: number;
  readonly read: Read;
  /** Timeout of one reading; default: 5 s. */
  readonly timeoutMs?: number;
  /** Read it until the end, however often it fails. */
  readonly keepsTrying?: true;
}

export interface Recorder {
  /** Stops the sampling and returns what was recorded. Can be called repeatedly. */
  stop(): Promise<readonly SourceRecording[]>;
}

/**
 * Samples each source at its own interval until stopped. A missing source is recorded as trouble and is never an error.
 * Each reading has a timeout, and the next one starts only after it has ended.
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
    // One more reading after the stop, because counters need a value at the end of the window.
    last = stop.aborted;
    const startMs = nowMs();
    const start = performance.now();
    try {
      const readings = await source.read(source.timeoutMs ?? readTimeoutMs);
      const tookMs = performance.now() - start;
      samples.push({ atMs: startMs + tookMs / 2, tookMs, readings });
      inARow = 0;
    } catch (error) {
      missed += 1;
      inARow += 1;
      trouble = troubleOf(error);
      // A source that fails at the first reading does not exist; later failures may be temporary.
      if (source.keepsTrying !== true && (samples.length === 0 || inARow >= failuresAtMost)) break;
    }
    const waitMs = Math.max(0, 1000 * source.intervalS - (performance.now() - start));
    if (!last) await delay(waitMs, undefined, { signal: stop }).catch(() => undefined);
  }
  const { name, subject } = source;
  return { source: name, subject, samples, missed, ...defined({ trouble }) };
}
