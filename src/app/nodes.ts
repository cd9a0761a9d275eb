import { existsSync } from 'node:fs';
import { hardwareOfPool, type RunnerPools } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import {
  acceleratorsPerNode,
  fileOfPool,
  type Launcher,
  type LauncherKind,
  launcherFor,
  launcherKindOf,
  listenAddress,
  loadPool,
  machineOf,
  type NodeSettings,
  type Pool,
  poolSettingsSchema,
  poolVariables,
  usualLauncher,
  withLauncher,
} from '../launchers/index.ts';
import type { EngineSession, Plan } from '../plan/index.ts';
import { nodesFor, type SweepNode } from '../sweep/index.ts';
import { runnersFolder } from './default-files.ts';
import type { StateFolder } from './state-folder.ts';

export interface NodeContext {
  readonly pools: RunnerPools;
  /** Overrides the port in the pool files. */
  readonly port?: number | undefined;
  /** Overrides the launcher in the pool files. */
  readonly launcher?: LauncherKind | undefined;
}

/** A node of a runner pool, with everything that affects an engine's command on it. */
export interface NodePlace extends Omit<SweepNode, 'launcher'> {
  readonly settings: NodeSettings;
  readonly runs: Launcher['runs'];
}

/** The nodes of runner pools and how engines are started on them; used both to print a plan and to run it. */
export class RunnerNodes {
  readonly #context: NodeContext;
  readonly #described: ReadonlyMap<string, Pool>;
  /** Every node, once for each pool through which it is reached. */
  readonly all: readonly NodePlace[];

  private constructor(context: NodeContext, described: ReadonlyMap<string, Pool>) {
    this.#context = context;
    this.#described = described;
    this.all = [...described].flatMap(([name, pool]) => {
      const nodes = (context.pools.get(name) ?? []).map((node) => ({
        node,
        settings: this.#settingsFor(pool, node),
      }));
      return nodes.map(({ node, settings }, index) =>
        this.#node({ name: node, pool: name, index: placeAmong(nodes.slice(0, index), settings), settings }),
      );
    });
  }

  /**
   * Reads `runners/<pool>.yaml` of every pool. Throws InputError with every problem of an invalid file.
   * @param missing What to do about a pool without a file: throw InputError, or assume the usual launcher.
   */
  static async load(
    pools: Iterable<string>,
    context: NodeContext,
    missing: 'refuse' | 'assume',
  ): Promise<RunnerNodes> {
    const folder = runnersFolder();
    const names = [...new Set(pools)].filter(
      (name) => missing === 'refuse' || existsSync(fileOfPool(name, folder)),
    );
    const described = await Promise.all(
      names.map(async (name) => [name, await loadPool(name, folder)] as const),
    );
    return new RunnerNodes(context, new Map(described));
  }

  /** The launcher of a runner, which is a pool or one of its nodes. */
  launcherKind(pool: string, runner: string): LauncherKind {
    const described = this.#described.get(pool);
    if (described === undefined) return this.#context.launcher ?? usualLauncher;
    return launcherKindOf(this.#settingsFor(described, runner));
  }

  /** The pool's file; undefined if it has none. */
  fileOf(pool: string): string | undefined {
    return this.#described.get(pool)?.file;
  }

  /**
   * The hardware name of a pool in results and recipe names; without a file, the GPU of a fleet or the pool's
   * own name.
   */
  hardwareOf(pool: string): string {
    return this.#described.get(pool)?.hardware ?? hardwareOfPool(pool);
  }

  /** Memory of one accelerator in GB, if the pool's file states it. */
  memoryGbOf(pool: string): number | undefined {
    return this.#described.get(pool)?.memoryGb;
  }

  /** Whether the pool's file says that its nodes have no accelerators. */
  isCpu(pool: string): boolean {
    const settings = this.#described.get(pool)?.settingsFor();
    return settings !== undefined && acceleratorsPerNode(settings) === undefined;
  }

  #settingsFor(pool: Pool, node: string): NodeSettings {
    const settings = pool.settingsFor(node);
    const { launcher } = this.#context;
    return launcher === undefined ? settings : withLauncher(settings, launcher);
  }

  /**
   * The node for which a session's command is printed: the one that its runner names, else any node with the
   * pool's general settings. If no node has the session's launcher, the launcher's defaults and the pool's
   * port are used.
   */
  shownFor({ hardware, pool = hardware, runner, launcher }: EngineSession): NodePlace {
    const described = this.#described.get(pool);
    const named = this.all.find((node) => node.pool === pool && node.name === runner);
    if (named?.launcherKind === launcher) return named;
    const general = described === undefined ? undefined : this.#settingsFor(described, runner);
    if (general !== undefined && launcherKindOf(general) === launcher)
      return this.#node({ name: runner, pool, index: 0, settings: general });
    const reached = this.all.find((node) => node.pool === pool && node.launcherKind === launcher);
    if (reached !== undefined) return reached;
    const port = general === undefined ? {} : { port: listenAddress(general).port };
    const settings = poolSettingsSchema.parse({ launcher, ...port });
    return this.#node({ name: runner, pool, index: 0, settings });
  }

  #node({ name, pool, index, settings }: NodeDescription): NodePlace {
    const machine = machineOf(settings);
    return {
      ...defined({ machine }),
      name,
      pool,
      settings,
      // This launcher starts nothing, so it needs no record folder.
      runs: launcherFor(settings, { recordFolder: '' }).runs,
      launcherKind: launcherKindOf(settings),
      ...listenAddress(settings, index, this.#context.port),
      env: poolVariables(settings),
    };
  }
}

interface NodeDescription {
  readonly name: string;
  readonly pool: string;
  /** Its index among the pool's nodes on the same machine. */
  readonly index: number;
  readonly settings: NodeSettings;
}

/** The number of earlier nodes on the same machine. */
function placeAmong(before: readonly { readonly settings: NodeSettings }[], settings: NodeSettings): number {
  const machine = machineOf(settings)?.name;
  return machine === undefined
    ? 0
    : before.filter((other) => machineOf(other.settings)?.name === machine).length;
}

/**
 * The nodes on which a plan's sessions can run, once for each pool through which they are reached. Throws
 * InputError if a session has none.
 */
export async function nodesOfPlan(
  plan: Plan,
  { state, pools, port }: Omit<NodeContext, 'launcher'> & { readonly state: StateFolder },
): Promise<SweepNode[]> {
  const { all } = await RunnerNodes.load(
    plan.sessions.map(({ hardware, pool = hardware }) => pool),
    { pools, port, launcher: plan.launcher },
    'refuse',
  );
  const homeless = plan.sessions.find((session) => nodesFor(session, all).length === 0);
  if (homeless !== undefined) {
    throw new InputError(
      `no node can run session ${homeless.id}: runner '${homeless.runner}' has none`,
      'list its pool and nodes in runners.yaml',
      { code: 'unknown-runner' },
    );
  }
  return all.map(({ settings, runs: _, ...node }) => ({
    ...node,
    launcher: launcherFor(settings, { recordFolder: state.engineRecords }),
  }));
}
