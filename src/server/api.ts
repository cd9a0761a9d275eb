/** The types that the API and the dashboard share; nothing else of the product is known to `web/`. */

/** One measured point as the dashboard shows it. Times are medians over the requests of the point. */
export interface PointView {
  readonly id: string;
  readonly sweepId: string;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly modelPrefix: string;
  readonly model: string;
  /** The runner pool the point was measured on. */
  readonly hw: string;
  readonly framework: string;
  readonly image: string;
  readonly precision: string;
  readonly specDecoding: string;
  readonly disagg: boolean;
  /** Input and output sequence length asked for, tokens. */
  readonly isl: number;
  readonly osl: number;
  readonly conc: number;
  /** How the engine is laid out over accelerators, such as `TP8 EP1`. */
  readonly layout: string;
  /** Tokens per second and accelerator. */
  readonly tputPerGpu: number;
  readonly outputTputPerGpu: number;
  readonly inputTputPerGpu: number;
  readonly ttftMs: number;
  readonly tpotMs: number;
  /** Tokens per second and user, 1000 / TPOT. */
  readonly interactivity: number;
  readonly e2elS: number;
  readonly p99TtftMs: number;
  /** Whether the measurement can be trusted; an invalid one is never published. */
  readonly verdict: 'valid' | 'suspect';
  /** Why it is suspect. */
  readonly reasons: readonly string[];
}

export interface SweepView {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Everything a page needs: `GET /api/v1/dataset`, and the data inside a published file. */
export interface Dataset {
  /** Newest first. */
  readonly sweeps: readonly SweepView[];
  readonly points: readonly PointView[];
}
