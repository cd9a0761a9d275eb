import { acceptanceOfEntry, answersField, answersShareOf, hasDummyWeights } from '../../identity/index.ts';
import type { Check } from './check.ts';

export const answers: Check = {
  name: 'answers',
  code: 'bad-config',
  looksAt: 'whether an engine that is asked questions under load can answer them',
  find: ({ entries }) =>
    entries.flatMap((entry) => {
      const share = answersShareOf(entry);
      if (share === undefined) return [];
      const found = { severity: 'error', entry, field: answersField } as const;
      if (share > 1)
        return [
          { ...found, message: `${answersField} is more than 100`, hint: 'use a number from 1 to 100' },
        ];
      if (!hasDummyWeights(entry) && acceptanceOfEntry(entry) === undefined) return [];
      return [
        {
          ...found,
          message: `${answersField} asks questions, but answers are not real with dummy weights or a forced acceptance`,
          hint: `remove ${answersField} from this config, or use real weights and no forced acceptance`,
        },
      ];
    }),
};
