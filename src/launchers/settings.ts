import { z } from 'zod';
import { noAccelerators, vendors } from '../accelerators/index.ts';

export const seconds = z.number().positive();
const environmentName = z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable');

/** The fields that every launcher has. */
export const sharedSettings = {
  /** The port the engine listens on and the load generator asks. */
  port: z.int().min(1).max(65_535).default(8888),
  accelerator: z.enum(vendors.map(({ name }) => name)).default(noAccelerators.name),
  'accelerators-per-node': z.int().positive().default(1),
  /** Folder of downloaded weights on the nodes, as Hugging Face lays it out: HF_HUB_CACHE of every engine. */
  'hf-hub-cache': z.string().startsWith('/').optional(),
  /** Added to the environment of every engine. */
  env: z.record(environmentName, z.string()).default({}),
  /** Variables passed on from the product's own environment; their values are in no argv, file or log. */
  secrets: z.array(environmentName).default(['HF_TOKEN']),
  /** Room that the image and the weights of one session need where they are not there yet, GB. */
  'disk-space-gb': z.number().nonnegative().default(0),
  /** How long other people's processes may keep the accelerators busy before the session is given up. */
  'idle-timeout-s': seconds.default(600),
};

/** Settings of any launcher, as far as they mean the same for all. */
export const launcherSettings = z.object({
  /** The address the engine is told to listen on; each launcher has a default of its own. */
  host: z.string(),
  ...sharedSettings,
});
export type LauncherSettings = z.output<typeof launcherSettings>;

/** Host paths that containers see: `source:target`, or `source:target:ro`. */
const mount = z.string().regex(/^[^:]+:\/[^:]*(:r[ow])?$/, 'expected source:/target or source:/target:ro');

/** Fields of launchers that run containers. */
export const containerSettings = {
  mounts: z.array(mount).default([]),
  /** Whether an image that a session brought is kept for the next one. */
  cleanup: z.enum(['keep-image', 'remove-image']).default('keep-image'),
};
