import type { RunnerPools } from '../../config/index.ts';
import { InputError } from '../../errors.ts';
import { launcherFor, launcherKindOf, listenAddress, loadPool } from '../../launchers/index.ts';
import type { Plan } from '../../plan/index.ts';
import { nodesFor, type SweepNode } from '../../sweep/index.ts';
import { runnersFolder } from '../default-files.ts';
import type { StateFolder } from '../state-folder.ts';

/**
 * The nodes that a plan's sessions can run on, once for each pool they are reached through. Throws InputError where a session has none.
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
      nodes.push({
        name,
        pool,
        launcher: launcherFor(own, { recordFolder: context.state.engineRecords }),
        launcherKind: launcherKindOf(own),
        ...listenAddress(own, index, context.port),
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
