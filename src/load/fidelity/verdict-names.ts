/** From best to worst. */
export const verdicts = ['checked', 'suspect', 'invalid'] as const;

export type Verdict = (typeof verdicts)[number];

/** The current name of a verdict in a file: earlier versions wrote `valid` for `checked`. */
export function currentVerdict<Text>(written: Text): Text | 'checked' {
  return written === 'valid' ? 'checked' : written;
}
