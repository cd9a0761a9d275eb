import { z } from 'zod';
import { noAccelerators, vendors } from '../accelerators/index.ts';
import { ssh as sshHosts } from '../hosts/ssh/index.ts';

/** Host paths that containers see: `source:target`, or `source:target:ro`. */
const mount = z.string().regex(/^[^:]+:\/[^:]*(:r[ow])?$/, 'expected source:/target or source:/target:ro');
const seconds = z.number().positive();
const environmentName = z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable');

/** What holds wherever an engine is started. */
const common = {
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

const local = z.strictObject({
  launcher: z.literal('local'),
  /** The address the engine listens on and the load generator asks. */
  host: z.string().default('127.0.0.1'),
  ...common,
  /** CPUs the engine is pinned to, as `taskset --cpu-list` takes them. */
  cpus: z
    .string()
    .regex(/^\d+(-\d+(:\d+)?)?(,\d+(-\d+(:\d+)?)?)*$/, 'expected a list of CPUs such as 0-15,32-47')
    .optional(),
});

const docker = z.strictObject({
  launcher: z.literal('docker'),
  host: z.string().default('127.0.0.1'),
  ...common,
  mounts: z.array(mount).default([]),
  'shm-size': z.string().default('16g'),
  /** More arguments of `docker run`. */
  'docker-args': z.array(z.string()).default([]),
  'pull-timeout-s': seconds.default(3600),
  /** Whether an image that a session pulled is kept for the next one. */
  cleanup: z.enum(['keep-image', 'remove-image']).default('keep-image'),
});

const slurm = z.strictObject({
  launcher: z.literal('slurm'),
  /** The address the engine listens on; the load generator asks the allocated node by its name. */
  host: z.string().default('0.0.0.0'),
  ...common,
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
  mounts: z.array(mount).default([]),
  /** Folder for imported images, seen by every node. */
  'squash-dir': z.string().startsWith('/').optional(),
  'import-timeout-s': seconds.default(3600),
  cleanup: z.enum(['keep-image', 'remove-image']).default('keep-image'),
});

const ssh = z.strictObject({
  launcher: z.literal('ssh'),
  ...sshHosts.settings.shape,
  /** The launcher on that host. */
  on: z.discriminatedUnion('launcher', [local, docker, slurm]),
});

export const nodeSettingsSchema = z.discriminatedUnion('launcher', [local, docker, slurm, ssh]);

/** How one node is reached. */
export type NodeSettings = z.output<typeof nodeSettingsSchema>;
export type LocalSettings = z.output<typeof local>;
export type DockerSettings = z.output<typeof docker>;
export type SlurmSettings = z.output<typeof slurm>;
export type SshSettings = z.output<typeof ssh>;

/** The fields that every launcher but `ssh` has. */
export const sharedFields: ReadonlySet<string> = new Set(Object.keys(common));

/** The same fields, each optional and without a default: what is not said is the pool's. */
function optional(shape: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [
      name,
      (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field).optional(),
    ]),
  );
}

/**
 * What nodes say differently, by their names (`*` stands for anything): fields of the pool's launcher, or, with another
 * `launcher`, that launcher's.
 */
const nodes = z
  .record(
    z.string(),
    z.strictObject({
      ...optional({ ...ssh.shape, ...slurm.shape, ...docker.shape, ...local.shape }),
      launcher: z.enum(['local', 'docker', 'slurm', 'ssh']).optional(),
    }),
  )
  .default({});

/** The schema of `runners/<pool>.yaml`: how the nodes of a pool are reached. */
export const poolSettingsSchema = z.discriminatedUnion('launcher', [
  local.extend({ nodes }),
  docker.extend({ nodes }),
  slurm.extend({ nodes }),
  ssh.extend({ nodes }),
]);
