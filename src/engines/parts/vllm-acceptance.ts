import { z } from 'zod';
import { flagValue, withFlag } from './flag-value.ts';
import { type ForcedAcceptance, lengthIn, type ProcessSettings } from './forced-acceptance.ts';

const flag = '--speculative-config';
const speculativeConfig = z.looseObject({
  num_speculative_tokens: z.int().positive(),
  rejection_sample_method: z.string().optional(),
  synthetic_acceptance_length: z.number().optional(),
});

/** vLLM: a rejection sampler that accepts at random, in the JSON that also configures drafting. */
export const vllmAcceptance: ForcedAcceptance = {
  draftTokens: (settings) => configOf(settings)?.num_speculative_tokens,
  forced: (settings) => {
    const config = configOf(settings);
    return config?.rejection_sample_method === 'synthetic'
      ? lengthIn(config.synthetic_acceptance_length)
      : undefined;
  },
  force: (settings, length) => {
    const config = {
      ...objectIn(flagValue(settings.args, flag)),
      rejection_sample_method: 'synthetic',
      synthetic_acceptance_length: length,
    };
    return { ...settings, args: withFlag(settings.args, flag, JSON.stringify(config)) };
  },
};

function configOf({ args }: ProcessSettings) {
  return speculativeConfig.safeParse(objectIn(flagValue(args, flag))).data;
}

/** The JSON object of a flag, with its keys in the order that they were written in; undefined if it is not one. */
function objectIn(text: string | undefined): object | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
