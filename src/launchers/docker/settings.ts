import { z } from 'zod';
import { containerSettings, seconds, sharedSettings } from '../settings.ts';

export const dockerSettings = z.object({
  host: z.string().default('127.0.0.1'),
  ...sharedSettings,
  mounts: containerSettings.mounts,
  'shm-size': z.string().default('16g'),
  /** Values of `docker run --ulimit`; default: what GPUs need (`ulimitsOf`). */
  ulimits: z
    .array(z.string().regex(/^[a-z]+=-?\d+(?::-?\d+)?$/, 'expected a limit such as memlock=-1'))
    .optional(),
  /** Additional arguments of `docker run`. */
  'docker-args': z.array(z.string()).default([]),
  'pull-timeout-s': seconds.default(3600),
  cleanup: containerSettings.cleanup,
});
export type DockerSettings = z.output<typeof dockerSettings>;
