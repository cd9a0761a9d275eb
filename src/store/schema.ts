/** One sweep that was ingested. */
export interface SweepTable {
  readonly id: string;
  /** ISO 8601. */
  readonly created_at: string;
  readonly command: string;
}

/** One measured point. What identifies and orders points is in columns; every metric is in the two documents. */
export interface PointTable {
  /** SHA-256 of the raw result, so that the same measurement is never in the store twice. */
  readonly id: string;
  readonly sweep_id: string;
  /** ISO 8601: when the measurement was made. */
  readonly measured_at: string;
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
  readonly verdict: string;
  /** The aggregate row, as JSON. */
  readonly row: string;
  /** The raw result, as JSON. */
  readonly raw: string;
}

export interface Schema {
  readonly sweeps: SweepTable;
  readonly points: PointTable;
}
