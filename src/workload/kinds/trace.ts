import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { count, workloadKind } from '../kind.ts';
import { fileFields } from './file-fields.ts';

/** A recorded trace: its lengths, its shared blocks and its times. */
export const trace = workloadKind({
  name: 'trace',
  about: 'a recorded trace, replayed at its own times',
  generator: 1,
  hasTimes: true,
  fields: () => ({
    'dataset-name': z
      .enum(['trace', 'azure', 'burstgpt'])
      .describe('Format of the file (default: trace)')
      .exactOptional(),
    ...fileFields(),
    'trace-speedup': z
      .number()
      .positive('expected a number above 0')
      .describe('Replays the trace this many times faster than recorded (default: 1)')
      .exactOptional(),
    'trace-block-size': count('Tokens per hash id (default: derived from the lengths)').exactOptional(),
  }),
  lengths: ({ isl, osl }) => ({ isl, osl }),
  dataset: (own) => ({
    name: own['dataset-name'] ?? 'trace',
    options: {
      datasetPath: own['dataset-path'],
      maxModelLen: own.isl + own.osl,
      ...defined({ traceSpeedup: own['trace-speedup'], traceBlockSize: own['trace-block-size'] }),
    },
  }),
});
