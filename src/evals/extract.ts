/** The number after the last `####`, GSM8K's format of final answers; undefined if there is none. */
export function markedNumber(answer: string): string | undefined {
  return [...answer.matchAll(/####\s*(-?[$]?[0-9][0-9.,]*)/g)].at(-1)?.[1];
}

/** The last number anywhere in the answer. */
export function lastNumber(answer: string): string | undefined {
  return answer.match(/-?[$]?[0-9][0-9.,]*/g)?.at(-1);
}

/** Whether two numbers are equal, ignoring `$`, thousands separators, a trailing full stop, and `.00`. */
export function sameNumber(a: string | undefined, b: string | undefined): boolean {
  const [left, right] = [numberOf(a), numberOf(b)];
  return left !== undefined && left === right;
}

function numberOf(text: string | undefined): number | undefined {
  const plain = text?.replace(/[$,]/g, '').replace(/\.$/, '');
  const value = plain === undefined || plain === '' ? Number.NaN : Number(plain);
  return Number.isNaN(value) ? undefined : value;
}
