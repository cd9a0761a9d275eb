import type { Insertable } from 'kysely';
import type { VerdictName } from '../../derived/verdicts.ts';
import type { AggregateRow } from '../../results/index.ts';
import type { NewConfiguration } from '../configuration.ts';
import type { FactColumns } from '../fact-columns.ts';
import type {
  AttemptTable,
  ChangelogEntryTable,
  EngineSessionTable,
  EnvironmentTable,
  EvalTable,
  SweepTable,
} from '../schema.ts';

/** A file that is not what it should be; the rest of what it came with is not affected. */
export interface QuarantinedFile {
  readonly file: string;
  readonly reason: string;
  /** What it held, where that could be read. */
  readonly content?: Uint8Array;
}

export type StoredVerdict = VerdictName;

/** A sampled figure of one device over the measured window. */
export interface TelemetryFigure {
  readonly device: string;
  readonly metric: string;
  readonly samples: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** A measurement, ready for the store. */
export interface IncomingMeasurement {
  /** The file it was read from, below what was ingested. */
  readonly file: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly measuredAt: number;
  readonly verdict: StoredVerdict;
  readonly reasons: readonly string[];
  /** Absent where only the row is known. */
  readonly raw?: { readonly key: string; readonly text: string; readonly facts: RawFacts };
  /** Absent when the measurement is invalid. */
  readonly row?: AggregateRow;
  /** Absent where neither a row nor a plan says. */
  readonly configuration?: NewConfiguration;
  readonly conc?: number;
  /** Mean of all accelerators together, where another source than a raw result says it. */
  readonly powerW?: number | null;
  readonly environment?: Insertable<EnvironmentTable>;
}

/** What the store keeps of a raw result in columns. */
export interface RawFacts {
  readonly columns: FactColumns;
  readonly confidence95: Readonly<Record<string, readonly [low: number, high: number]>> | null;
  readonly telemetry: readonly TelemetryFigure[];
}

export type IncomingSession = Omit<Insertable<EngineSessionTable>, 'sweep_id'>;

export interface IncomingAttempt
  extends Omit<Insertable<AttemptTable>, 'sweep_id' | 'configuration_id' | 'measurement_id'> {
  readonly configuration?: NewConfiguration;
  /** The file of the measurement that it ended in. */
  readonly file?: string;
}

/** Everything that one source holds, ready for the store. */
export interface Incoming {
  readonly sweep: Insertable<SweepTable>;
  readonly measured: readonly IncomingMeasurement[];
  readonly sessions: readonly IncomingSession[];
  readonly attempts: readonly IncomingAttempt[];
  readonly evals: readonly Omit<Insertable<EvalTable>, 'sweep_id'>[];
  readonly changelog: readonly Insertable<ChangelogEntryTable>[];
  readonly quarantined: readonly QuarantinedFile[];
}
