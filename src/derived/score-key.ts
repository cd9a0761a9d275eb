/**
 * What a score and a point must have in common for the score to speak for the point: model, hardware, engine, precision
 * and drafting. Layout and concurrency change speed and not answers.
 */
export function scoreKey(of: {
  readonly modelPrefix: string | null;
  readonly hw: string;
  /** The GPU that the hardware is, where that is known. */
  readonly gpu: string | null;
  readonly framework: string;
  readonly precision: string;
  readonly specDecoding: string;
}): string {
  return JSON.stringify([of.modelPrefix, of.gpu ?? of.hw, of.framework, of.precision, of.specDecoding]);
}
