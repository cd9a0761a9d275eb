/** From the best to the worst. */
export const verdicts = ['checked', 'suspect', 'invalid'] as const;

export type Verdict = (typeof verdicts)[number];

/** A verdict of a file as it is called today: earlier versions wrote `valid` for `checked`. */
export function currentVerdict<Text>(written: Text): Text | 'checked' {
  return written === 'valid' ? 'checked' : written;
}
