/** One sweep that was ingested. */
export interface SweepTable {
  readonly id: string;
  /** ISO 8601. */
  readonly created_at: string;
  readonly command: string;
}

/** One load test, whatever came of it. */
export interface MeasurementTable {
  /** SHA-256 of the raw result, so that the same measurement is never in the store twice. */
  readonly id: string;
  readonly sweep_id: string;
  /** ISO 8601: when it was begun. */
  readonly measured_at: string;
  /** `valid`, `suspect` or `invalid`. */
  readonly verdict: string;
  /** Why it is not valid, as a JSON list of sentences. */
  readonly reasons: string;
  /** The raw result, as JSON. */
  readonly raw: string;
}

/** A measurement that became a row. What identifies and orders points is in columns, every metric is in the row. */
export interface PointTable {
  /** The measurement's. */
  readonly id: string;
  readonly sweep_id: string;
  readonly measured_at: string;
  readonly verdict: string;
  readonly hw: string;
  readonly framework: string;
  readonly precision: string;
  readonly model_prefix: string;
  readonly spec_decoding: string;
  readonly isl: number;
  readonly osl: number;
  readonly conc: number;
  /** Parallelism of the layout, as JSON: what else makes two points the same configuration. */
  readonly layout: string;
  /** The aggregate row, as JSON. */
  readonly row: string;
}

export interface Schema {
  readonly sweeps: SweepTable;
  readonly measurements: MeasurementTable;
  readonly points: PointTable;
}
