import { flagCount } from './flag-value.ts';
import { type ForcedAcceptance, lengthIn } from './forced-acceptance.ts';

/** SGLang: variables that simulate acceptance with the tokens that were really drafted. */
export const sglangAcceptance: ForcedAcceptance = {
  draftTokens: ({ args }) => flagCount(args, '--speculative-num-steps'),
  forced: ({ env }) => lengthIn(env.SGLANG_SIMULATE_ACC_LEN),
  force: (settings, length) => ({
    ...settings,
    env: {
      ...settings.env,
      SGLANG_SIMULATE_ACC_LEN: String(length),
      SGLANG_SIMULATE_ACC_METHOD: 'match-expected',
      SGLANG_SIMULATE_ACC_TOKEN_MODE: 'real-draft-token',
    },
  }),
};
