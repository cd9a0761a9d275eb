import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { poolOf, type RunnerPools } from '../../config/index.ts';
import { type LauncherKind, launcherKindOf, loadPool, usualLauncher } from '../../launchers/index.ts';
import type { MatrixEntry } from '../../matrix/index.ts';
import { packageRoot } from '../../package-root.ts';

/** How the engine of each entry is started, by `runners/`: an entry that names a node gets the node's own launcher. */
export async function launcherKindsOf(
  entries: readonly MatrixEntry[],
  pools: RunnerPools,
): Promise<(entry: MatrixEntry) => LauncherKind> {
  const folder = join(packageRoot, 'runners');
  const names = new Set(entries.flatMap(({ runner }) => poolOf(runner, pools) ?? []));
  const described = [...names].filter((name) => existsSync(join(folder, `${name}.yaml`)));
  const settings = new Map(
    await Promise.all(described.map(async (name) => [name, await loadPool(name, folder)] as const)),
  );
  return ({ runner }) => {
    const node = settings.get(poolOf(runner, pools) ?? '')?.settingsFor(runner);
    return node === undefined ? usualLauncher : launcherKindOf(node);
  };
}
