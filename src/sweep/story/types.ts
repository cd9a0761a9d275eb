import type { Failure } from '../../failures/index.ts';
import type { CheckOutcome } from '../hooks.ts';
import type { NextTry } from '../next-try.ts';

/** A failure as in the journal. */
export interface FailureStory extends Failure {
  readonly at: string;
  readonly node: string | undefined;
  /** What followed; absent in journals of 0.1. */
  readonly next: NextTry | undefined;
}

/** The outcome of one measurement. */
export interface PointStory {
  readonly id: string;
  readonly isl: number;
  readonly osl: number;
  readonly conc: number;
  readonly repeat: number;
  readonly state: 'waiting' | 'started' | 'finished' | 'failed' | 'skipped' | 'left-out';
  readonly attempts: number;
  readonly node?: string;
  readonly tookS?: number;
  readonly verdict?: string;
  /** Null if unknown. */
  readonly outputThroughput?: number | null;
  readonly resultFilename?: string;
  /** Why it was skipped or left out. */
  readonly reason?: string;
  readonly failures: readonly FailureStory[];
}

/** The outcome of one engine session. */
export interface SessionStory {
  readonly id: string;
  /** Identity of what it serves, as in the keys of its rows. */
  readonly servedModel: string;
  readonly precision: string;
  readonly framework: string;
  readonly hardware: string;
  readonly runner: string;
  readonly accelerators: number;
  readonly state:
    | 'waiting'
    | 'started'
    | 'finished'
    | 'failed'
    | 'partly failed'
    | 'partly left-out'
    | 'left-out';
  readonly starts: number;
  /** The command of its last start; absent if it was never started. */
  readonly argv?: readonly string[];
  readonly nodes: readonly string[];
  /** Seconds for which its engines occupied their nodes. */
  readonly engineS: number;
  /** The part of these seconds before the engines were ready. */
  readonly loadingS: number;
  readonly acceleratorHours: number;
  /** Failures of the session as a whole; those of points are with the points. */
  readonly failures: readonly FailureStory[];
  readonly checks: readonly CheckOutcome[];
  readonly points: readonly PointStory[];
}

export interface NodeStory {
  readonly name: string;
  readonly sessions: number;
  readonly starts: number;
  readonly engineS: number;
  readonly failures: number;
  /** Why it was quarantined. */
  readonly quarantined?: string;
  /** The other sweep that used it when this one needed it. */
  readonly takenBy?: string;
}

/** What skipping points saved, estimated from the measured points. */
export interface Saving {
  readonly points: number;
  /** Engine starts of sessions whose points were all skipped. */
  readonly starts: number;
  /**
   * Engine seconds: for each skipped point, those of its measured neighbours; for each start, the mean
   * loading time.
   */
  readonly engineS: number;
  readonly acceleratorHours: number;
}

/** The story of a sweep from its first run to its last. */
export interface SweepStory {
  readonly sweepId: string;
  readonly createdAt: string;
  readonly command: string;
  readonly state: 'not started' | 'stopped without a final event' | 'interrupted' | 'stopped' | 'finished';
  /** Number of processes that worked on it. */
  readonly runs: number;
  /** Seconds for which these processes ran. */
  readonly elapsedS: number;
  readonly engineStarts: number;
  readonly engineS: number;
  readonly acceleratorHours: number;
  readonly orphansEnded: number;
  readonly points: Readonly<Record<PointStory['state'], number>>;
  readonly stopped?: Failure;
  /** What skipping points saved. */
  readonly saving?: Saving;
  readonly sessions: readonly SessionStory[];
  readonly nodes: readonly NodeStory[];
}
