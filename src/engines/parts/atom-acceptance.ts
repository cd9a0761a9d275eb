import { flagCount, flagValue, withFlag } from './flag-value.ts';
import { type ForcedAcceptance, lengthIn } from './forced-acceptance.ts';

const flag = '--spec-decode-acceptance-length';

/** ATOM: a separate flag. */
export const atomAcceptance: ForcedAcceptance = {
  draftTokens: ({ args }) => flagCount(args, '--num-speculative-tokens'),
  forced: ({ args }) => lengthIn(flagValue(args, flag)),
  force: (settings, length) => ({ ...settings, args: withFlag(settings.args, flag, String(length)) }),
};
