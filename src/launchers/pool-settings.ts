import { z } from 'zod';
import { remoteHosts } from '../hosts/index.ts';
import { launchers } from './list.ts';
import { launcherSettings, sharedSettings } from './settings.ts';

/** The name of a launcher in pools, plans and records. */
export type LauncherKind = (typeof launchers)[number]['kind'];

export const launcherKinds: readonly LauncherKind[] = launchers.map(({ kind }) => kind);

/** The settings of each launcher on this machine, and of each remote host with a launcher under `on`. */
const onThisMachine = launchers.map(({ kind, settings }) => named(kind, settings.shape));
const on = byLauncher(onThisMachine);
const elsewhere = remoteHosts.map(({ kind, settings }) => named(kind, { ...settings.shape, on }));
const all = [...onThisMachine, ...elsewhere];

export const nodeSettingsSchema = byLauncher(all);

/** How to reach one node: the settings of its launcher, or those of a host with the launcher's settings under `on`. */
export type NodeSettings = z.output<typeof nodeSettingsSchema>;

const ofLauncher = z.looseObject({ launcher: z.enum(launcherKinds), ...launcherSettings.shape });

/** The settings of a node's launcher, on any host. */
export function launcherSettingsOf(settings: NodeSettings): z.output<typeof ofLauncher> {
  return ofLauncher.parse('on' in settings ? settings.on : settings);
}

/** The same node on the same host, but with another launcher: only the fields that all launchers share are kept. */
export function withLauncher(settings: NodeSettings, kind: LauncherKind): NodeSettings {
  const own = launcherSettingsOf(settings);
  if (own.launcher === kind) return settings;
  const kept = Object.fromEntries(Object.entries(own).filter(([name]) => sharedFields.has(name)));
  const changed = { ...kept, launcher: kind };
  return nodeSettingsSchema.parse('on' in settings ? { ...settings, on: changed } : changed);
}

/** The fields that a node inherits from its pool even if it has another launcher. */
export const sharedFields: ReadonlySet<string> = new Set(Object.keys(sharedSettings));

/**
 * Overrides by node name (`*` is a wildcard): fields of the pool's launcher or, with another `launcher`, the fields of
 * that one.
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

/** Fields of a pool as a whole. */
const ofPool = {
  nodes,
  /** The GPU (or CPU) of its nodes, as hardware/gpus.yaml and recipes name it; default: the name of the pool. */
  hardware: z
    .string()
    .regex(/^[a-z0-9]+$/, 'expected a GPU name of lower-case letters and digits, such as h200')
    .optional(),
  /** Memory of one accelerator in GB, if hardware/gpus.yaml does not have it. */
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

/** The same fields, all optional and without defaults: missing fields come from the pool. */
function optional(shape: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [
      name,
      (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field).optional(),
    ]),
  );
}
