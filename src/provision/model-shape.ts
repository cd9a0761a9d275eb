import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import type { ModelFacts } from '../model-facts.ts';

const count = z.int().positive().optional().catch(undefined);
const text = z.string().optional().catch(undefined);
const fields = {
  max_position_embeddings: count,
  num_attention_heads: count,
  num_key_value_heads: count,
  num_hidden_layers: count,
  hidden_size: count,
  intermediate_size: count,
  vocab_size: count,
  head_dim: count,
  num_local_experts: count,
  num_experts: count,
  torch_dtype: text,
  dtype: text,
};
const configSchema = z.object({
  ...fields,
  auto_map: z.unknown().optional(),
  quantization_config: z
    .looseObject({ quant_method: text, quant_algo: text, bits: z.number().optional().catch(undefined) })
    .optional(),
  /** The language model part of a multimodal model. */
  text_config: z.object(fields).optional(),
});
type Config = z.output<typeof configSchema>;

/** Parses a config.json; throws if it is invalid. */
export function shapeOf(json: unknown): ModelFacts {
  const config = configSchema.parse(json);
  const own = { ...config, ...defined(config.text_config ?? {}) };
  const attentionHeads = own.num_attention_heads;
  const layers = own.num_hidden_layers;
  const kvHeads = own.num_key_value_heads ?? attentionHeads;
  const headDim =
    own.head_dim ??
    (own.hidden_size === undefined || attentionHeads === undefined
      ? undefined
      : own.hidden_size / attentionHeads);
  const { quantization_config: quantised } = config;
  return {
    hasOwnCode: config.auto_map !== undefined,
    ...defined({
      contextTokens: own.max_position_embeddings,
      attentionHeads,
      kvHeads,
      layers,
      dtype: quantised === undefined ? (own.torch_dtype ?? own.dtype) : undefined,
      quantisation: quantised === undefined ? undefined : (quantised.quant_method ?? 'unknown'),
      weightBytes: weightBytes(own),
      kvBytesPerToken:
        layers === undefined || kvHeads === undefined || headDim === undefined
          ? undefined
          : layers * kvHeads * headDim * 2 * 2,
    }),
  };
}

/**
 * Approximate size of the weights: attention, feed-forward layers (of every expert), and input and output embeddings.
 */
function weightBytes(config: Config): number | undefined {
  const {
    hidden_size: hidden,
    num_hidden_layers: layers,
    intermediate_size: inner,
    vocab_size: vocab,
  } = config;
  if (hidden === undefined || layers === undefined || inner === undefined || vocab === undefined)
    return undefined;
  const experts = config.num_local_experts ?? config.num_experts ?? 1;
  const heads = config.num_attention_heads ?? 1;
  const kv = (config.num_key_value_heads ?? heads) / heads;
  const attention = hidden * hidden * (2 + 2 * kv);
  const parameters = layers * (attention + 3 * experts * hidden * inner) + 2 * vocab * hidden;
  const bits = config.quantization_config?.bits ?? (config.quantization_config === undefined ? 16 : 8);
  return Math.round((parameters * bits) / 8);
}
