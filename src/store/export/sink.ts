import type { StoredPoint } from '../queries/points.ts';

/** A file that points are written to, many at a time. */
export interface PointSink {
  readonly write: (points: readonly StoredPoint[]) => Promise<void>;
  /** Writes the rest; the file is whole when it returns. */
  readonly close: () => Promise<void>;
}
