import { z } from 'zod';
import type { Finding } from '../finding.ts';
import { type Host, remoteHosts, thisMachine } from '../hosts/index.ts';
import { baseRecord, EngineRecords } from './engine-record.ts';
import { variablesOfPool } from './engine-variables.ts';
import type { Launcher } from './launcher.ts';
import type { AnyLauncher } from './lifecycle.ts';
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
    kindsForSeveralNodes: launchers.flatMap(({ kind, spansNodes }) => (spansNodes ? [kind] : [])),
  });
}

/** How a node's engines are started, on whatever host. */
export function launcherKindOf(settings: NodeSettings): LauncherKind {
  return launcherSettingsOf(settings).launcher;
}

/**
 * Where the engine of a node is told to listen. Nodes that share one machine get ports in a row, so that their engines
 * can listen beside each other.
 * @param index The node's place in its pool.
 * @param port In place of the pool's.
 */
export function listenAddress(
  settings: NodeSettings,
  index = 0,
  port?: number,
): { readonly host: string; readonly port: number } {
  const { launcher, settings: own, host } = placeOf(settings);
  const shared = launcher.nodesShareMachine && host.isThisMachine;
  return { host: own.host, port: (port ?? own.port) + (shared ? index : 0) };
}

/** What a node's launcher adds to the environment of every engine, apart from secrets. */
export function poolVariables(settings: NodeSettings): Record<string, string> {
  return variablesOfPool(launcherSettingsOf(settings));
}

/** What a sweep on a node with such settings would meet. `file` is where the settings are written. */
export async function examinePlace(settings: NodeSettings, file: string): Promise<readonly Finding[]> {
  const { launcher, host } = placeOf(settings);
  const reached = (await remoteHostOf(settings)?.examine(settings, file)) ?? [];
  if (reached.some(({ state }) => state === 'problem')) return reached;
  return [...reached, ...(await launcher.examine(launcherSettingsOf(settings), host, file))];
}
