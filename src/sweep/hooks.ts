import type { Engine } from '../engines/index.ts';
import type { Reservation, RunningEngine } from '../launchers/index.ts';
import type { EngineSession } from '../plan/index.ts';
import type { ServerWatch } from '../telemetry/index.ts';
import type { SweepDirectory } from './sweep-directory.ts';

/** A session's engine that can be asked, and where it runs. */
export interface EngineSeat {
  readonly session: EngineSession;
  readonly engine: Engine;
  readonly running: RunningEngine;
  /** For commands beside the engine, such as samplers of power. */
  readonly place: Reservation;
  readonly node: string;
  readonly sweepId: string;
  readonly directory: SweepDirectory;
  readonly signal: AbortSignal;
}

/** What a check of a session's engine came to, for the journal; its details are in a file of the run directory. */
export interface CheckOutcome {
  /** What was checked, such as an accuracy task. */
  readonly task: string;
  /** Absent where there was nothing to judge. */
  readonly score?: number | undefined;
  readonly verdict: 'pass' | 'fail' | 'not-judged';
  /** What the score was held against, or why it was not. */
  readonly reason: string;
}

/** What is done with a session's engine beside measuring its points. Trouble in it never fails a point. */
export interface SessionHooks {
  /** Begins to sample; called before each measurement. */
  readonly watch?: (seat: EngineSeat) => Promise<ServerWatch>;
  /** Checks the engine once its points are done, before it is stopped. */
  readonly check?: (seat: EngineSeat) => Promise<readonly CheckOutcome[]>;
}
