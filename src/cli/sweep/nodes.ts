import { runnersFolder } from '../../app/default-files.ts';
import type { StateFolder } from '../../app/state-folder.ts';
import type { RunnerPools } from '../../config/index.ts';
import { InputError } from '../../errors.ts';
import { launcherFor, listenAddress, loadPool } from '../../launchers/index.ts';
import type { Plan } from '../../plan/index.ts';
import { nodesFor, type SweepNode } from '../../sweep/index.ts';

/**
 * The nodes that a plan's sessions can run on, once for each pool they are reached through. Local nodes of one pool get
 * ports in a row, so that their engines can listen beside each other. Throws InputError where a session has none.
 */
export async function nodesOf(
  plan: Plan,
  context: { readonly pools: RunnerPools; readonly state: StateFolder; readonly port?: number },
): Promise<SweepNode[]> {
  const nodes: SweepNode[] = [];
  for (const pool of new Set(plan.sessions.map((session) => session.hardware))) {
    const settings = await loadPool(pool, runnersFolder());
    for (const [index, name] of (context.pools.get(pool) ?? []).entries()) {
      const own = settings.settingsFor(name);
      const { host, port } = listenAddress(own);
      const first = context.port ?? port;
      nodes.push({
        name,
        pool,
        launcher: launcherFor(own, { recordFolder: context.state.engineRecords }),
        launcherKind: own.launcher === 'ssh' ? own.on.launcher : own.launcher,
        host,
        port: own.launcher === 'local' ? first + index : first,
      });
    }
  }
  const homeless = plan.sessions.find((session) => nodesFor(session, nodes).length === 0);
  if (homeless !== undefined) {
    throw new InputError(
      `no node can run session ${homeless.id}: runner '${homeless.runner}' has none`,
      'name its pool and nodes in runners.yaml',
    );
  }
  return nodes;
}
