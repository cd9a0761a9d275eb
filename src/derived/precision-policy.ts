/**
 * Which precisions may be compared: any; any whose answers passed an accuracy check; or a single one, by its name. It is
 * always one of these, because a lower precision gives more tokens of which fewer may be right.
 */
export type PrecisionPolicy = 'any' | 'passed' | { readonly only: string };

/** As an address and a query write it: `any`, `passed`, or the name of a precision. */
export function parsePrecisionPolicy(text: string): PrecisionPolicy {
  return text === 'any' || text === 'passed' ? text : { only: text };
}

export function precisionPolicyText(policy: PrecisionPolicy): string {
  return typeof policy === 'string' ? policy : policy.only;
}

export function allowsPrecision(
  policy: PrecisionPolicy,
  precision: string,
  accuracy: 'passed' | 'failed' | 'unknown',
): boolean {
  if (policy === 'any') return true;
  if (policy === 'passed') return accuracy === 'passed';
  return precision === policy.only;
}
