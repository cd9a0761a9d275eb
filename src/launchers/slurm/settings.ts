import { z } from 'zod';
import { containerSettings, seconds, sharedSettings } from '../settings.ts';

export const slurmSettings = z.object({
  /** The address the engine listens on; the load generator asks the allocated node by its name. */
  host: z.string().default('0.0.0.0'),
  ...sharedSettings,
  partition: z.string().optional(),
  account: z.string().optional(),
  qos: z.string().optional(),
  /** GPUs are asked for as `--gres=<gres>:<count>`; `none` asks for none, as where nodes are only had whole. */
  gres: z.string().default('gpu'),
  exclusive: z.boolean().default(true),
  'time-limit-min': z.int().positive().default(180),
  /** How long the session may wait in the queue. */
  'queue-timeout-s': seconds.default(24 * 3600),
  /** More arguments of `salloc`, such as `--nodelist=…`. */
  'salloc-args': z.array(z.string()).default([]),
  /** More arguments of the engine's `srun`. */
  'srun-args': z.array(z.string()).default([]),
  /** How srun starts the processes of an MPI job. */
  mpi: z.string().default('pmix'),
  /** `pyxis`: images are imported by enroot and run by its srun flags; `none`: argv is run on the node as it is. */
  container: z.enum(['pyxis', 'none']).default('pyxis'),
  mounts: containerSettings.mounts,
  /** Folder for imported images, seen by every node. */
  'squash-dir': z.string().startsWith('/').optional(),
  'import-timeout-s': seconds.default(3600),
  cleanup: containerSettings.cleanup,
});
export type SlurmSettings = z.output<typeof slurmSettings>;
