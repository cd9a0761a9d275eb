import { z } from 'zod';
import { containerSettings, seconds, sharedSettings } from '../settings.ts';

export const slurmSettings = z.object({
  /** The address that the engine listens on; the load generator connects to the allocated node by name. */
  host: z.string().default('0.0.0.0'),
  ...sharedSettings,
  partition: z.string().optional(),
  account: z.string().optional(),
  qos: z.string().optional(),
  /**
   * GPUs are requested with `--gres=<gres>:<count>`; `none` requests none, for clusters that allocate only whole nodes.
   */
  gres: z.string().default('gpu'),
  exclusive: z.boolean().default(true),
  'time-limit-min': z.int().positive().default(180),
  /** How long the session may wait in the queue. */
  'queue-timeout-s': seconds.default(24 * 3600),
  /** Extra arguments of `salloc`, such as `--nodelist=…`. */
  'salloc-args': z.array(z.string()).default([]),
  /** Extra arguments of the engine's `srun`. */
  'srun-args': z.array(z.string()).default([]),
  /** Value of srun's `--mpi` for the processes of an MPI job. */
  mpi: z.string().default('pmix'),
  /** `pyxis`: enroot imports images and pyxis's srun flags run them; `none`: argv runs directly on the node. */
  container: z.enum(['pyxis', 'none']).default('pyxis'),
  mounts: containerSettings.mounts,
  /** Folder for imported images; every node must see it. */
  'squash-dir': z.string().startsWith('/').optional(),
  'import-timeout-s': seconds.default(3600),
  cleanup: containerSettings.cleanup,
});
export type SlurmSettings = z.output<typeof slurmSettings>;
