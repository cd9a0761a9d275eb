import { z } from 'zod';

const sampling = {
  model: z.string().optional(),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).nullish(),
  ignore_eos: z.boolean().default(false),
  temperature: z.number().min(0).default(1),
  top_p: z.number().positive().max(1).optional(),
  top_k: z.int().nonnegative().optional(),
  seed: z.int().nonnegative().optional(),
  /** Texts that end the answer. */
  stop: z
    .union([z.string().min(1), z.array(z.string().min(1)).max(16)])
    .nullish()
    .transform((stop) => (typeof stop === 'string' ? [stop] : (stop ?? []))),
};

const tokenId = z.int().nonnegative();

/** The supported part of OpenAI's completion request; unknown fields are ignored, as in other servers. */
export const completionRequest = z.object({
  ...sampling,
  prompt: z.union([
    z.string(),
    z.array(tokenId).min(1),
    z.tuple([z.string()]),
    z.tuple([z.array(tokenId).min(1)]),
  ]),
  max_tokens: z.int().positive().default(16),
});

/** The supported part of OpenAI's embedding request: one input, or a list of them. */
export const embeddingRequest = z.object({
  model: z.string().optional(),
  input: z
    .union([
      z.string().min(1),
      z.array(z.string().min(1)).min(1),
      z.array(tokenId).min(1),
      z.array(z.array(tokenId).min(1)).min(1),
    ])
    .transform((input): readonly (string | readonly number[])[] => {
      if (typeof input === 'string') return [input];
      const ids = input.filter((one) => typeof one === 'number');
      return ids.length > 0 ? [ids] : input.filter((one) => typeof one !== 'number');
    }),
});

const messageText = z.union([
  z.string(),
  z
    .array(z.object({ type: z.literal('text'), text: z.string() }))
    .transform((parts) => parts.map(({ text }) => text).join('')),
]);

export const chatRequest = z.object({
  ...sampling,
  messages: z.array(z.object({ role: z.string(), content: messageText })).min(1),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
});

/** Accepts both field names in use: llama.cpp's `content` and vLLM's `prompt`. */
export const tokenizeRequest = z
  .object({
    content: z.string().optional(),
    prompt: z.string().optional(),
    add_special: z.boolean().default(false),
  })
  .refine(
    ({ content, prompt }) => content !== undefined || prompt !== undefined,
    'content or prompt is missing',
  );

export const detokenizeRequest = z.object({ tokens: z.array(tokenId) });
