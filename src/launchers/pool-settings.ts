import { z } from 'zod';
import { remoteHosts } from '../hosts/index.ts';
import { launchers } from './list.ts';
import { launcherSettings, sharedSettings } from './settings.ts';

/** The name of a launcher, as pools, plans and records write it. */
export type LauncherKind = (typeof launchers)[number]['kind'];

export const launcherKinds: readonly LauncherKind[] = launchers.map(({ kind }) => kind);

/** The settings of each launcher on this machine, and of each host with a launcher there under `on`. */
const onThisMachine = launchers.map(({ kind, settings }) => named(kind, settings.shape));
const on = byLauncher(onThisMachine);
const elsewhere = remoteHosts.map(({ kind, settings }) => named(kind, { ...settings.shape, on }));
const all = [...onThisMachine, ...elsewhere];

export const nodeSettingsSchema = byLauncher(all);

/** How one node is reached: the settings of its launcher, or those of a host with the launcher's under `on`. */
export type NodeSettings = z.output<typeof nodeSettingsSchema>;

const ofLauncher = z.looseObject({ launcher: z.enum(launcherKinds), ...launcherSettings.shape });

/** The settings of a node's launcher, on whatever host. */
export function launcherSettingsOf(settings: NodeSettings): z.output<typeof ofLauncher> {
  return ofLauncher.parse('on' in settings ? settings.on : settings);
}

/** The same node with another launcher, on the same host: it keeps what every launcher has. */
export function withLauncher(settings: NodeSettings, kind: LauncherKind): NodeSettings {
  const own = launcherSettingsOf(settings);
  if (own.launcher === kind) return settings;
  const kept = Object.fromEntries(Object.entries(own).filter(([name]) => sharedFields.has(name)));
  const changed = { ...kept, launcher: kind };
  return nodeSettingsSchema.parse('on' in settings ? { ...settings, on: changed } : changed);
}

/** The fields that a node keeps of its pool where it has another launcher. */
export const sharedFields: ReadonlySet<string> = new Set(Object.keys(sharedSettings));

/**
 * What nodes say differently, by their names (`*` stands for anything): fields of the pool's launcher, or, with another
 * `launcher`, that launcher's.
 */
const nodes = z
  .record(
    z.string(),
    z.strictObject({
      ...optional(Object.assign({}, ...all.map(({ shape }) => shape).toReversed())),
      launcher: z.enum(all.map(({ shape }) => shape.launcher.value)).optional(),
    }),
  )
  .default({});

/** What holds for a pool as a whole. */
const ofPool = {
  nodes,
  /** The GPU (or CPU) that its nodes have, as hardware/gpus.yaml and recipes name it; default: what the pool is named after. */
  hardware: z
    .string()
    .regex(/^[a-z0-9]+$/, 'expected a GPU name of lower-case letters and digits, such as h200')
    .optional(),
  /** Of one accelerator, where hardware/gpus.yaml does not have it, GB. */
  'accelerator-memory-gb': z.number().positive().optional(),
};

/** The schema of `runners/<pool>.yaml`: how the nodes of a pool are reached. */
export const poolSettingsSchema = byLauncher(all.map((settings) => settings.extend(ofPool)));

function named<Kind extends string>(kind: Kind, shape: z.ZodRawShape) {
  return z.strictObject({ launcher: z.literal(kind), ...shape });
}

function byLauncher<Settings extends z.ZodObject>(kinds: readonly Settings[]) {
  const [first, ...others] = kinds;
  if (first === undefined) throw new Error('there are no launchers');
  return z.discriminatedUnion('launcher', [first, ...others]);
}

/** The same fields, each optional and without a default: what is not said is the pool's. */
function optional(shape: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [
      name,
      (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field).optional(),
    ]),
  );
}
