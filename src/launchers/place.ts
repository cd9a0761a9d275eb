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

/** The record of an engine, with the fields of its launcher. */
const anyRecord = z.union(
  launchers.map(({ kind, record }) => baseRecord.extend({ launcher: z.literal(kind), ...record })),
);

/** The engine records in a folder, of all launchers. */
export function engineRecords(folder: string): EngineRecords {
  return new EngineRecords(folder, anyRecord);
}

const kindsForSeveralNodes = launchers.flatMap(({ kind, spansNodes }) => (spansNodes ? [kind] : []));

/** Where a node's engines start: the launcher, its settings, and its host. */
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
 * @param recordFolder The folder for records of started engines, shared by all runs that use it.
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

/** The kind of launcher that starts a node's engines, on any host. */
export function launcherKindOf(settings: NodeSettings): LauncherKind {
  return launcherSettingsOf(settings).launcher;
}

/**
 * The address that the engine of a node listens on. Nodes that share a machine get consecutive ports, so that their
 * engines can run side by side.
 * @param index The node's index among the nodes of its pool on the same machine.
 * @param port Replaces the pool's port.
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
 * The machine on which a node's engines run, and whether all nodes on that machine share its accelerators; undefined if
 * only the launcher knows, as on a cluster.
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

/** Accelerators per node, as its pool declares them; undefined if it has none. */
export function acceleratorsPerNode(settings: NodeSettings): number | undefined {
  const own = launcherSettingsOf(settings);
  return vendorNamed(own.accelerator).hasDevices ? own['accelerators-per-node'] : undefined;
}

/** Whether an engine of a node sees an absolute path of that node. */
export function seesPath(settings: NodeSettings, path: string): boolean {
  const { launcher } = placeOf(settings);
  return launcher.sees(path, launcherSettingsOf(settings));
}

/** Explains why this machine cannot send requests to the engines of a node; undefined if it can, as far as is known. */
export function reachFault(settings: NodeSettings): Fault | undefined {
  return remoteHostOf(settings)?.reachFault(settings, listenAddress(settings).host);
}

/** Explains why a node's launcher cannot start a multi-node engine, as a predicate of that engine. */
export function nodesFault(settings: NodeSettings, nodeCount: number): Fault | undefined {
  return spanFault(placeOf(settings).launcher, nodeCount, kindsForSeveralNodes);
}

/** The commands that start an engine on a node, with placeholders for values that are not known yet. */
export function launchCommands(settings: NodeSettings, engine: ShownEngine): readonly LaunchCommand[] {
  const { launcher, host } = placeOf(settings);
  return launcher.commands(engine, launcherSettingsOf(settings), host);
}

/** The machine that runs a node's commands; undefined for this machine. */
export function destinationOf(settings: NodeSettings): string | undefined {
  return placeOf(settings).host.destination;
}

/** The variables that a node's launcher adds to every engine's environment, except secrets. */
export function poolVariables(settings: NodeSettings): Record<string, string> {
  return variablesOfPool(launcherSettingsOf(settings));
}

/** Whether the place chooses the nodes of a session, so that their names are not in the pool. */
export function choosesNodes(settings: NodeSettings): boolean {
  return placeOf(settings).launcher.choosesNodes;
}

/**
 * Doctor checks for a node with these settings. `file` contains the settings; `node` is the node to check if the place
 * chooses nodes.
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

/** Whether a node with these settings can pull and run a container image; undefined if that is not known yet. */
export async function examineImage(settings: NodeSettings, image: string): Promise<Finding | undefined> {
  const { launcher, host } = placeOf(settings);
  return await launcher.examineImage(image, launcherSettingsOf(settings), host);
}
