import type { Binding, LlamaSequence, Token, TokenPredictor } from './binding.ts';

/** What was drafted since the server started, and what of it the model confirmed. */
export interface DraftCounters {
  drafts: number;
  draftedTokens: number;
  acceptedTokens: number;
  /** By position in a draft. */
  readonly acceptedAt: number[];
}

export function noDrafts(): DraftCounters {
  return { drafts: 0, draftedTokens: 0, acceptedTokens: 0, acceptedAt: [] };
}

/** A drafter of one sequence, which looks up the last tokens in the prompt. */
export interface Drafter {
  readonly predictor: TokenPredictor;
  /** The sequence whose drafts it counts; set once, because a sequence is created with its predictor. */
  serve(sequence: LlamaSequence): void;
  /** Counts the draft that is not counted yet; call it at the end of a request. */
  settle(): void;
}

/**
 * Drafts the tokens that followed the last ones in the prompt (prompt lookup, n-gram drafting), at most `most` at a
 * time. The model verifies each draft in one step, so answers do not change.
 */
export function lookupDrafter({ llama }: Binding, most: number, counters: DraftCounters): Drafter {
  let sequence: LlamaSequence | undefined;
  let [pending, validatedBefore] = [0, 0];
  const validated = () => sequence?.tokenPredictions.validated ?? 0;
  const settle = (): void => {
    if (pending === 0) return;
    const accepted = Math.min(pending, validated() - validatedBefore);
    counters.acceptedTokens += accepted;
    for (let at = 0; at < accepted; at++) counters.acceptedAt[at] = (counters.acceptedAt[at] ?? 0) + 1;
    pending = 0;
  };
  class CountingPredictor extends llama.InputLookupTokenPredictor {
    override predictTokens(): Token[] {
      settle();
      const tokens = super.predictTokens();
      if (tokens.length === 0) return tokens;
      [pending, validatedBefore] = [tokens.length, validated()];
      counters.drafts += 1;
      counters.draftedTokens += tokens.length;
      while (counters.acceptedAt.length < tokens.length) counters.acceptedAt.push(0);
      return tokens;
    }
  }
  return {
    predictor: new CountingPredictor({ patternLength: { min: 2 }, predictionLength: { min: 1, max: most } }),
    serve: (one) => {
      sequence = one;
    },
    settle,
  };
}
