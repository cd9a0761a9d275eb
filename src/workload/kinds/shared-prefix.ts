import { defined } from '../../defined/defined.ts';
import { count, share, workloadKind } from '../kind.ts';

/** Prompts that start with one of several common prefixes, such as system prompts or documents. */
export const sharedPrefix = workloadKind({
  name: 'shared-prefix',
  about: 'random prompts that start with one of several common prefixes',
  generator: 1,
  fields: () => ({
    'prefix-len': count('Tokens of each prefix'),
    'num-prefixes': count('Different prefixes (default: 10)').exactOptional(),
    'prefix-share': share('Share of prompts with a common prefix (default: 1)').exactOptional(),
    'suffix-len': count('Tokens after the prefix'),
    'output-len': count('Tokens of each reply'),
    'range-ratio': share(
      'Each length after the prefix is uniform in [ratio × length, length] (default: 1)',
    ).exactOptional(),
  }),
  lengths: ({ 'prefix-len': prefix, 'suffix-len': suffix, 'output-len': osl }) => ({
    isl: prefix + suffix,
    osl,
  }),
  dataset: (own) => ({
    name: 'prefix_repetition',
    options: {
      prefixRepetitionPrefixLen: own['prefix-len'],
      prefixRepetitionSuffixLen: own['suffix-len'],
      prefixRepetitionOutputLen: own['output-len'],
      prefixRepetitionNumPrefixes: own['num-prefixes'] ?? 10,
      ...defined({ prefixShare: own['prefix-share'], randomRangeRatio: own['range-ratio'] }),
    },
  }),
});
