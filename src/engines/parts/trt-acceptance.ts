import { parse } from 'yaml';
import { z } from 'zod';
import { type ForcedAcceptance, lengthIn } from './forced-acceptance.ts';

const variable = 'TLLM_SPEC_DECODE_FORCE_NUM_ACCEPTED_TOKENS';
const count = z.int().positive().optional();
const options = z.looseObject({
  speculative_config: z.looseObject({ num_nextn_predict_layers: count, max_draft_len: count }),
});

/** TensorRT-LLM: a variable with the accepted draft tokens, which do not include its own token. */
export const trtAcceptance: ForcedAcceptance = {
  draftTokens: ({ files }) => {
    for (const { path, content } of files) {
      if (!/\.ya?ml$/.test(path)) continue;
      const config = options.safeParse(parse(content)).data?.speculative_config;
      const tokens = config?.max_draft_len ?? config?.num_nextn_predict_layers;
      if (tokens !== undefined) return tokens;
    }
    return undefined;
  },
  forced: ({ env }) => {
    const accepted = lengthIn(env[variable]);
    return accepted === undefined ? undefined : hundredths(accepted + 1);
  },
  force: (settings, length) => ({
    ...settings,
    env: { ...settings.env, [variable]: String(hundredths(length - 1)) },
  }),
};

/** Lengths have two decimals; 2.78 − 1 as a floating-point number has more. */
function hundredths(value: number): number {
  return Math.round(100 * value) / 100;
}
