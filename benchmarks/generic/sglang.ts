import type { GenericRecipe } from '../../src/plan/index.ts';
import { contextTokens, reasonsFor } from '../builders/generic.ts';
import { sglang } from '../builders/sglang.ts';

/** SGLang for any model. */
export const generic: GenericRecipe = (facts) => ({
  ...sglang(({ maxModelLen, ep }) => ({
    flags: {
      '--context-length': contextTokens(maxModelLen, facts),
      '--enable-metrics': true,
      '--ep-size': ep > 1 ? ep : undefined,
      '--trust-remote-code': facts.model?.hasOwnCode === true ? true : undefined,
      '--device': facts.hasAccelerators ? undefined : 'cpu',
    },
  })),
  of: 'generic',
  reasons: reasonsFor(facts, {
    parallel: '--tensor-parallel-size',
    context: '--context-length',
    noReuse: '--disable-radix-cache',
    quantisation: '--quantization',
  }),
});
