/** The fields that a score and a point must share for the score to apply to the point. */
export interface ScoreSubject {
  readonly modelPrefix?: string | null | undefined;
  readonly hw: string;
  /** The GPU of the hardware, if known. */
  readonly gpu: string | null;
  readonly framework: string;
  readonly precision: string;
  readonly specDecoding: string;
}

/**
 * Model, hardware, engine, precision and speculative decoding as one text. Layout and concurrency are left out: they
 * change how fast a server answers, but not what it answers.
 */
export function scoreKey({ modelPrefix, hw, gpu, framework, precision, specDecoding }: ScoreSubject): string {
  return JSON.stringify([modelPrefix ?? null, gpu ?? hw, framework, precision, specDecoding]);
}

/** The score key of a series' points, with the model of the chart. */
export function scoreKeyOfSeries(series: Omit<ScoreSubject, 'modelPrefix'>, model: string): string {
  return scoreKey({ ...series, modelPrefix: model });
}

/** Whether a score is for a model, by its prefix. */
export function isScoreOf(score: Pick<ScoreSubject, 'modelPrefix'>, model: string): boolean {
  return score.modelPrefix === model;
}
