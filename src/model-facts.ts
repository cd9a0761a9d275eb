/** Facts in a model's config.json that determine engine flags. */
export interface ModelFacts {
  /** Maximum context length in tokens. */
  readonly contextTokens?: number;
  readonly attentionHeads?: number;
  readonly kvHeads?: number;
  readonly layers?: number;
  /** Quantization method, such as `fp8` or `awq`; absent if the weights are not quantised. */
  readonly quantisation?: string;
  /** The torch type of weights that are not quantised. */
  readonly dtype?: string;
  /** The model comes with custom code. */
  readonly hasOwnCode: boolean;
  /** Size of the weight files if they are present, otherwise estimated from the shape. */
  readonly weightBytes?: number;
  /** Size of the KV cache per token of context, at two bytes per number. */
  readonly kvBytesPerToken?: number;
}
