import type { Failure } from '../../failures/index.ts';
import type { CheckOutcome } from '../hooks.ts';
import type { NextTry } from '../next-try.ts';

/** A failure as the journal tells it. */
export interface FailureStory extends Failure {
  readonly at: string;
  readonly node: string | undefined;
  /** What was done about it; absent in journals of 0.1. */
  readonly next: NextTry | undefined;
}

/** What became of one measurement. */
export interface PointStory {
  readonly id: string;
  readonly isl: number;
  readonly osl: number;
  readonly conc: number;
  readonly repeat: number;
  readonly state: 'waiting' | 'begun' | 'finished' | 'failed' | 'skipped' | 'left-out';
  readonly attempts: number;
  readonly node?: string;
  readonly tookS?: number;
  readonly verdict?: string;
  /** null if it is not known. */
  readonly outputThroughput?: number | null;
  readonly resultFilename?: string;
  /** Why it was skipped or left out. */
  readonly reason?: string;
  readonly failures: readonly FailureStory[];
}

/** What became of one engine session. */
export interface SessionStory {
  readonly id: string;
  /** What it serves, by the keys of its rows. */
  readonly servedModel: string;
  readonly precision: string;
  readonly framework: string;
  readonly hardware: string;
  readonly runner: string;
  readonly accelerators: number;
  readonly state:
    | 'waiting'
    | 'begun'
    | 'finished'
    | 'failed'
    | 'partly failed'
    | 'partly left-out'
    | 'left-out';
  readonly starts: number;
  /** The command of its last start; absent where it was never started. */
  readonly argv?: readonly string[];
  readonly nodes: readonly string[];
  /** Seconds that its engines occupied their nodes. */
  readonly engineS: number;
  /** Of it, seconds until the engines were ready. */
  readonly loadingS: number;
  readonly acceleratorHours: number;
  /** Of the session as a whole: those of its points are with them. */
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
  /** Why it was taken out of use. */
  readonly quarantined?: string;
  /** The other sweep that had it when this one asked for it. */
  readonly takenBy?: string;
}

/** What skipping points saved, judged by the points that were measured. */
export interface Saving {
  readonly points: number;
  /** Engine starts of sessions of which every point was skipped. */
  readonly starts: number;
  /** Engine seconds: of each skipped point those of its measured neighbours, of each start the mean loading time. */
  readonly engineS: number;
  readonly acceleratorHours: number;
}

/** What a sweep's journal tells, from its first run to its last. */
export interface SweepStory {
  readonly sweepId: string;
  readonly createdAt: string;
  readonly command: string;
  readonly state: 'not begun' | 'stopped without a final event' | 'interrupted' | 'stopped' | 'finished';
  /** Processes that worked on it. */
  readonly runs: number;
  /** Seconds that these processes ran. */
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
