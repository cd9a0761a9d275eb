import { hostname } from 'node:os';
import { z } from 'zod';
import { vendorNamed } from '../accelerators/index.ts';
import type { Fault } from '../errors.ts';
import type { Finding } from '../finding.ts';
import { type Host, remoteHosts, thisMachine } from '../hosts/index.ts';
import type { LaunchCommand, ShownEngine } from './definition.ts';
import { baseRecord, EngineRecords } from './engine-record.ts';
import { variablesOfPool } from './engine-variables.ts';
import type { Launcher } from './launcher.ts';
import { type AnyLauncher, spanFault } from './lifecycle.ts';
import { launchers } from './list.ts';
import { type LauncherKind, launcherSettingsOf, type NodeSettings } from './pool-settings.ts';
import type { LauncherSettings } from './settings.ts';

/** What an engine's record may be: that of some launcher. */
const anyRecord = z.union(
  launchers.map(({ kind, record }) => baseRecord.extend({ launcher: z.literal(kind), ...record })),
);

/** The records of a folder, of whatever was started by any launcher. */
export function engineRecords(folder: string): EngineRecords {
  return new EngineRecords(folder, anyRecord);
}

const kindsForSeveralNodes = launchers.flatMap(({ kind, spansNodes }) => (spansNodes ? [kind] : []));

/** The launcher of a node: its kind, its settings, and the host that it is on. */
interface Place {
  readonly launcher: AnyLauncher<LauncherKind>;
  readonly settings: LauncherSettings;
  readonly host: Host;
}

function placeOf(settings: NodeSettings): Place {
  const host = remoteHostOf(settings)?.connect(settings) ?? thisMachine;
  const own = launcherSettingsOf(settings);
  const launcher = launchers.find(({ kind }) => kind === own.launcher);
  if (launcher === undefined) throw new Error(`there is no launcher ${own.launcher}`);
  return { launcher, settings: own, host };
}

function remoteHostOf({ launcher }: NodeSettings) {
  return remoteHosts.find(({ kind }) => kind === launcher);
}

/**
 * The launcher that a node's settings name.
 * @param recordFolder Where the records of started engines are kept, for all runs that share it.
 */
export function launcherFor(
  settings: NodeSettings,
  { recordFolder }: { readonly recordFolder: string },
): Launcher {
  const { launcher, host } = placeOf(settings);
  return launcher.open(launcherSettingsOf(settings), host, {
    records: engineRecords(recordFolder),
    kindsForSeveralNodes,
  });
}

/** How a node's engines are started, on whatever host. */
export function launcherKindOf(settings: NodeSettings): LauncherKind {
  return launcherSettingsOf(settings).launcher;
}

/**
 * Where the engine of a node is told to listen. Nodes that share one machine get ports in a row, so that their engines
 * can listen beside each other.
 * @param index The node's place among those of its pool that are on the same machine.
 * @param port In place of the pool's.
 */
export function listenAddress(
  settings: NodeSettings,
  index = 0,
  port?: number,
): { readonly host: string; readonly port: number } {
  const { launcher, settings: own } = placeOf(settings);
  return { host: own.host, port: (port ?? own.port) + (launcher.nodesShareMachine ? index : 0) };
}

/**
 * The machine on which a node's engines run, and whether there are accelerators that they share with those of every
 * other node on it; undefined where only the launcher knows, as of a cluster.
 */
export function machineOf(
  settings: NodeSettings,
): { readonly name: string; readonly hasAccelerators: boolean } | undefined {
  const { launcher, settings: own, host } = placeOf(settings);
  if (!launcher.nodesShareMachine) return undefined;
  return {
    name: host.destination ?? hostname(),
    hasAccelerators: vendorNamed(own.accelerator).hasDevices,
  };
}

/** Accelerators of a node, by what its pool says; undefined where it has none. */
export function acceleratorsPerNode(settings: NodeSettings): number | undefined {
  const own = launcherSettingsOf(settings);
  return vendorNamed(own.accelerator).hasDevices ? own['accelerators-per-node'] : undefined;
}

/** Whether an engine of a node sees an absolute path of that node. */
export function seesPath(settings: NodeSettings, path: string): boolean {
  const { launcher } = placeOf(settings);
  return launcher.sees(path, launcherSettingsOf(settings));
}

/** What keeps this machine from asking the engines of a node; undefined if nothing is known to. */
export function reachFault(settings: NodeSettings): Fault | undefined {
  return remoteHostOf(settings)?.reachFault(settings, listenAddress(settings).host);
}

/** What keeps a node's launcher from starting an engine of several nodes, as said of that engine. */
export function nodesFault(settings: NodeSettings, nodeCount: number): Fault | undefined {
  return spanFault(placeOf(settings).launcher, nodeCount, kindsForSeveralNodes);
}

/** The commands that start an engine on a node, with placeholders for what is only known then. */
export function launchCommands(settings: NodeSettings, engine: ShownEngine): readonly LaunchCommand[] {
  const { launcher, host } = placeOf(settings);
  return launcher.commands(engine, launcherSettingsOf(settings), host);
}

/** The machine that a node's commands are run on, where it is not this one. */
export function destinationOf(settings: NodeSettings): string | undefined {
  return placeOf(settings).host.destination;
}

/** What a node's launcher adds to the environment of every engine, apart from secrets. */
export function poolVariables(settings: NodeSettings): Record<string, string> {
  return variablesOfPool(launcherSettingsOf(settings));
}

/** Whether the place chooses the nodes of a session itself, so that they have names that no pool knows. */
export function choosesNodes(settings: NodeSettings): boolean {
  return placeOf(settings).launcher.choosesNodes;
}

/**
 * What a sweep on a node with such settings would meet. `file` is where the settings are written; `node` is the one to
 * look at where the place chooses nodes itself.
 */
export async function examinePlace(
  settings: NodeSettings,
  file: string,
  node?: string,
): Promise<readonly Finding[]> {
  const { launcher, host } = placeOf(settings);
  const reached = (await remoteHostOf(settings)?.examine(settings, file)) ?? [];
  if (reached.some(({ state }) => state === 'problem')) return reached;
  return [...reached, ...(await launcher.examine(launcherSettingsOf(settings), host, file, node))];
}

/** Whether a node with such settings can have a container image, and run it; undefined where nobody can tell yet. */
export async function examineImage(settings: NodeSettings, image: string): Promise<Finding | undefined> {
  const { launcher, host } = placeOf(settings);
  return await launcher.examineImage(image, launcherSettingsOf(settings), host);
}
