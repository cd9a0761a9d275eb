/** What a model's config.json says that flags of an engine follow from. */
export interface ModelFacts {
  /** Tokens of the longest context. */
  readonly contextTokens?: number;
  readonly attentionHeads?: number;
  readonly kvHeads?: number;
  readonly layers?: number;
  /** How weights were quantised, such as `fp8` or `awq`; absent where they were not. */
  readonly quantisation?: string;
  /** Of weights that were not quantised, as torch calls it. */
  readonly dtype?: string;
  /** The model comes with code of its own. */
  readonly hasOwnCode: boolean;
  /** Of the files where they are there, else about what the shape makes them. */
  readonly weightBytes?: number;
  /** Of the KV cache, for each token of context, at two bytes per number. */
  readonly kvBytesPerToken?: number;
}
