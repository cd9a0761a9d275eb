/**
 * The precisions that may be compared: any, those that passed an accuracy check, or a single one by name. A
 * policy is always required, because a lower precision gives more tokens, fewer of which may be correct.
 */
export type PrecisionPolicy = 'any' | 'passed' | { readonly only: string };

/** Parses a policy from a URL or query: `any`, `passed`, or the name of a precision. */
export function parsePrecisionPolicy(text: string): PrecisionPolicy {
  return text === 'any' || text === 'passed' ? text : { only: text };
}

/** The text of a policy, as `parsePrecisionPolicy` reads it. */
export function precisionPolicyText(policy: PrecisionPolicy): string {
  return typeof policy === 'string' ? policy : policy.only;
}

/** Whether a policy allows points of a precision, given their accuracy. */
export function allowsPrecision(
  policy: PrecisionPolicy,
  precision: string,
  accuracy: 'passed' | 'failed' | 'unknown',
): boolean {
  if (policy === 'any') return true;
  if (policy === 'passed') return accuracy === 'passed';
  return precision === policy.only;
}
