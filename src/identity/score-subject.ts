/** What a score and a point must have in common for the score to speak for the point. */
export interface ScoreSubject {
  readonly modelPrefix?: string | null | undefined;
  readonly hw: string;
  /** The GPU that the hardware is, where that is known. */
  readonly gpu: string | null;
  readonly framework: string;
  readonly precision: string;
  readonly specDecoding: string;
}

/**
 * Model, hardware, engine, precision and drafting, as one text: layout and concurrency change how fast a server answers
 * and not what.
 */
export function scoreKey({ modelPrefix, hw, gpu, framework, precision, specDecoding }: ScoreSubject): string {
  return JSON.stringify([modelPrefix ?? null, gpu ?? hw, framework, precision, specDecoding]);
}

/** What a point of a series would be scored as, with the model that the chart is of. */
export function scoreKeyOfSeries(series: Omit<ScoreSubject, 'modelPrefix'>, model: string): string {
  return scoreKey({ ...series, modelPrefix: model });
}

/** Whether a score is of a model, by its prefix. */
export function isScoreOf(score: Pick<ScoreSubject, 'modelPrefix'>, model: string): boolean {
  return score.modelPrefix === model;
}
