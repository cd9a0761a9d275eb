import type { Engine } from '../engines/index.ts';
import type { Reservation, RunningEngine } from '../launchers/index.ts';
import type { EngineSession } from '../plan/index.ts';
import type { ServerWatch } from '../telemetry/index.ts';
import type { SweepDirectory } from './sweep-directory.ts';

/** A session's running engine and its place. */
export interface EngineSeat {
  readonly session: EngineSession;
  readonly engine: Engine;
  readonly running: RunningEngine;
  /** For commands next to the engine, such as power samplers. */
  readonly place: Reservation;
  readonly node: string;
  readonly sweepId: string;
  readonly directory: SweepDirectory;
  readonly signal: AbortSignal;
}

/** The outcome of a check for the journal; the details are in a file of the run directory. */
export interface CheckOutcome {
  /** The check, such as an accuracy task. */
  readonly task: string;
  /** Absent if nothing could be scored. */
  readonly score?: number | undefined;
  readonly verdict: 'pass' | 'fail' | 'not-judged';
  /** The reference with which the score was compared, or why it was not compared. */
  readonly reason: string;
}

/** Actions on a session's engine in addition to measurements. Their errors never fail a point. */
export interface SessionHooks {
  /** Starts sampling; called before each measurement. */
  readonly watch?: (seat: EngineSeat) => Promise<ServerWatch>;
  /** Checks the engine after its points, before it is stopped. */
  readonly check?: (seat: EngineSeat) => Promise<readonly CheckOutcome[]>;
}
