import { z } from 'zod';
import { count } from '../kind.ts';

/** The fields of a workload that is read from a file. */
export const fileFields = () => ({
  'dataset-path': z.string().min(1, 'expected a path').describe('File of the data set'),
  'dataset-sha256': z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 of 64 hexadecimal digits')
    .describe('Digest of the file; a file with another digest is refused (default: the digest of the file)')
    .exactOptional(),
  isl: count('Longest prompt in tokens'),
  osl: count('Longest reply in tokens; requests longer than isl + osl are left out'),
});
