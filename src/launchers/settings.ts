import { z } from 'zod';
import { noAccelerators, vendors } from '../accelerators/index.ts';

export const seconds = z.number().positive();
const environmentName = z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable');

/** The fields that every launcher has. */
export const sharedSettings = {
  /** The port that the engine listens on and the load generator connects to. */
  port: z.int().min(1).max(65_535).default(8888),
  accelerator: z.enum(vendors.map(({ name }) => name)).default(noAccelerators.name),
  'accelerators-per-node': z.int().positive().default(1),
  /** Folder of downloaded weights on the nodes, in Hugging Face's layout: HF_HUB_CACHE of every engine. */
  'hf-hub-cache': z.string().startsWith('/').optional(),
  /** Added to the environment of every engine. */
  env: z.record(environmentName, z.string()).default({}),
  /** Variables passed on from the environment of InferenceMAX; their values never appear in argv, files or logs. */
  secrets: z.array(environmentName).default(['HF_TOKEN']),
  /** Free space in GB that the image and weights of one session need if they are not downloaded yet. */
  'disk-space-gb': z.number().nonnegative().default(0),
  /**
   * The DCGM exporter of each node: its port, or its URL with `{node}` for the name of the node. It then measures GPU
   * power.
   */
  'dcgm-exporter': z
    .union([
      z.int().min(1).max(65_535),
      z
        .string()
        .regex(
          /^https?:\/\/[^/\s@]+(?:\/\S*)?$/,
          'expected a port, or a URL without a user, such as http://{node}:9400/metrics',
        ),
    ])
    .optional(),
  /** The management controller of each node (BMC), whose Redfish service reports the power of the whole machine. */
  redfish: z
    .strictObject({
      /** With `{node}` for the name of the node. */
      url: z
        .string()
        .regex(/^https?:\/\/[^/\s@]+\/?$/, 'expected a URL without a path, such as https://bmc-{node}'),
      /** Names of environment variables of InferenceMAX; their values never appear in argv, files or logs. */
      user: environmentName.default('REDFISH_USER'),
      password: environmentName.default('REDFISH_PASSWORD'),
      /** The id of the chassis that is the whole machine, if several report power. */
      chassis: z.string().optional(),
    })
    .optional(),
  /** How long to wait for other users' processes to release the accelerators before the session fails. */
  'idle-timeout-s': seconds.default(600),
};

/** The settings that mean the same for all launchers. */
export const launcherSettings = z.object({
  /** The address that the engine listens on; the default depends on the launcher. */
  host: z.string(),
  ...sharedSettings,
});
export type LauncherSettings = z.output<typeof launcherSettings>;

/** Host paths that containers see: `source:target`, or `source:target:ro`. */
const mount = z.string().regex(/^[^:]+:\/[^:]*(:r[ow])?$/, 'expected source:/target or source:/target:ro');

/** Fields of launchers that run containers. */
export const containerSettings = {
  mounts: z.array(mount).default([]),
  /** Whether to keep a pulled image for the next session. */
  cleanup: z.enum(['keep-image', 'remove-image']).default('keep-image'),
};
