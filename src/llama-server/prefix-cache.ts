import type { LlamaSequence, Token } from './binding.ts';

/** How many tokens of a prompt a sequence already holds. At least the last one has to be computed. */
export function sharedTokens(
  { contextTokens }: Pick<LlamaSequence, 'contextTokens'>,
  prompt: readonly Token[],
): number {
  const most = Math.min(contextTokens.length, prompt.length - 1);
  let shared = 0;
  while (shared < most && contextTokens[shared] === prompt[shared]) shared++;
  return shared;
}

/** Leaves only the beginning of a prompt in a sequence; returns how many tokens that is. */
export async function keepPrefix(sequence: LlamaSequence, prompt: readonly Token[]): Promise<number> {
  const shared = sharedTokens(sequence, prompt);
  if (shared > 0) await sequence.adaptStateToTokens(prompt.slice(0, shared), false);
  if (shared > 0 && sequence.nextTokenIndex === shared) return shared;
  await sequence.clearHistory();
  return 0;
}
