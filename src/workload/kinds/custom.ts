import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { count, workloadKind } from '../kind.ts';
import { fileFields } from './file-fields.ts';

/** Prompts of a user's own file. */
export const custom = workloadKind({
  name: 'custom',
  about: 'prompts, chat messages or requests of a file',
  generator: 1,
  fields: () => ({
    'dataset-name': z
      .enum(['custom', 'messages', 'sharegpt', 'openai-batch'])
      .describe('Format of the file (default: custom)')
      .exactOptional(),
    ...fileFields(),
    'output-len': count("Tokens of each reply, instead of the file's").exactOptional(),
    'multi-turn': z
      .literal(true)
      .describe('For sharegpt: every turn of a conversation, with its history')
      .exactOptional(),
    oversample: z
      .boolean()
      .describe('Whether prompts are repeated if the file has too few (default: false)')
      .exactOptional(),
  }),
  lengths: ({ isl, osl }) => ({ isl, osl }),
  dataset: (own) => ({
    name: own['dataset-name'] ?? 'custom',
    options: {
      datasetPath: own['dataset-path'],
      maxModelLen: own.isl + own.osl,
      oversample: own.oversample ?? false,
      ...defined({ outputLen: own['output-len'], multiTurn: own['multi-turn'] }),
    },
  }),
});
