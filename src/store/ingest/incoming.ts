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

/** A file that could not be stored; other files are not affected. */
export interface QuarantinedFile {
  readonly file: string;
  readonly reason: string;
  /** Its content, if it could be read. */
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

/** A measurement to write to the store. */
export interface IncomingMeasurement {
  /** The file it was read from, relative to what was ingested. */
  readonly file: string;
  readonly key: string;
  /** Unix time in milliseconds. */
  readonly measuredAt: number;
  readonly verdict: StoredVerdict;
  readonly reasons: readonly string[];
  /** Absent if only the row is known. */
  readonly raw?: { readonly key: string; readonly text: string; readonly facts: RawFacts };
  /** Absent if the measurement is invalid. */
  readonly row?: AggregateRow;
  /** Absent if neither a row nor a plan has it. */
  readonly configuration?: NewConfiguration;
  readonly conc?: number;
  /** Mean total power of all accelerators, if it is known from a source other than a raw result. */
  readonly powerW?: number | null;
  readonly environment?: Insertable<EnvironmentTable>;
}

/** The parts of a raw result that the store keeps in columns. */
export interface RawFacts {
  readonly columns: FactColumns;
  readonly confidence95: Readonly<Record<string, readonly [low: number, high: number]>> | null;
  readonly telemetry: readonly TelemetryFigure[];
}

export type IncomingSession = Omit<Insertable<EngineSessionTable>, 'sweep_id'>;

export interface IncomingAttempt
  extends Omit<Insertable<AttemptTable>, 'sweep_id' | 'configuration_id' | 'measurement_id'> {
  readonly configuration?: NewConfiguration;
  /** The file of the measurement it produced. */
  readonly file?: string;
}

/** Everything from one source, to be written to the store. */
export interface Incoming {
  readonly sweep: Insertable<SweepTable>;
  readonly measured: readonly IncomingMeasurement[];
  readonly sessions: readonly IncomingSession[];
  readonly attempts: readonly IncomingAttempt[];
  readonly evals: readonly Omit<Insertable<EvalTable>, 'sweep_id'>[];
  readonly changelog: readonly Insertable<ChangelogEntryTable>[];
  readonly quarantined: readonly QuarantinedFile[];
}
