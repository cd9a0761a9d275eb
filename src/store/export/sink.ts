import type { StoredPoint } from '../queries/points.ts';

/** A file to which points are written in batches. */
export interface PointSink {
  readonly write: (points: readonly StoredPoint[]) => Promise<void>;
  /** Writes the rest; the file is complete afterwards. */
  readonly close: () => Promise<void>;
}
