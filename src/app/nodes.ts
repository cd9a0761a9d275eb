import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunnerPools } from '../config/index.ts';
import { InputError } from '../errors.ts';
import {
  type Launcher,
  type LauncherKind,
  launcherFor,
  launcherKindOf,
  listenAddress,
  loadPool,
  type NodeSettings,
  type Pool,
  poolSettingsSchema,
  poolVariables,
  usualLauncher,
} from '../launchers/index.ts';
import type { EngineSession, Plan } from '../plan/index.ts';
import { nodesFor, type SweepNode } from '../sweep/index.ts';
import { runnersFolder } from './default-files.ts';
import type { StateFolder } from './state-folder.ts';

export interface NodeContext {
  readonly pools: RunnerPools;
  /** Overrides the pools' ports. */
  readonly port?: number | undefined;
}

/** A node of a runner pool, and what the command of an engine on it depends on. */
export interface NodePlace extends Omit<SweepNode, 'launcher'> {
  readonly settings: NodeSettings;
  readonly runs: Launcher['runs'];
}

/** The nodes of runner pools and how engines are started on them, for a plan that is printed and one that is run. */
export class RunnerNodes {
  readonly #context: NodeContext;
  readonly #described: ReadonlyMap<string, Pool>;
  /** Every node, once for each pool it is reached through. */
  readonly all: readonly NodePlace[];

  private constructor(context: NodeContext, described: ReadonlyMap<string, Pool>) {
    this.#context = context;
    this.#described = described;
    this.all = [...described].flatMap(([name, pool]) =>
      (context.pools.get(name) ?? []).map((node, index) =>
        this.#node({ name: node, pool: name, index, settings: pool.settingsFor(node) }),
      ),
    );
  }

  /**
   * Reads `runners/<pool>.yaml` of every pool. Throws InputError, with every problem, for a file that is wrong.
   * @param missing What to do about a pool without a file: refuse it by InputError, or assume the usual launcher.
   */
  static async load(
    pools: Iterable<string>,
    context: NodeContext,
    missing: 'refuse' | 'assume',
  ): Promise<RunnerNodes> {
    const folder = runnersFolder();
    const names = [...new Set(pools)].filter(
      (name) => missing === 'refuse' || existsSync(join(folder, `${name}.yaml`)),
    );
    const described = await Promise.all(
      names.map(async (name) => [name, await loadPool(name, folder)] as const),
    );
    return new RunnerNodes(context, new Map(described));
  }

  /** How engines are started on a runner, which is a pool or one of its nodes. */
  launcherKind(pool: string, runner: string): LauncherKind {
    const settings = this.#described.get(pool)?.settingsFor(runner);
    return settings === undefined ? usualLauncher : launcherKindOf(settings);
  }

  /**
   * The node that a session's command is shown for: the one its runner names, else any that is reached as the pool says
   * in general. Without a node of the session's launcher, it is that launcher with its defaults and the pool's port.
   */
  shownFor({ hardware: pool, runner, launcher }: EngineSession): NodePlace {
    const general = this.#described.get(pool)?.settingsFor(runner);
    const index = Math.max(0, (this.#context.pools.get(pool) ?? []).indexOf(runner));
    if (general !== undefined && launcherKindOf(general) === launcher)
      return this.#node({ name: runner, pool, index, settings: general });
    const reached = this.all.find((node) => node.pool === pool && node.launcherKind === launcher);
    if (reached !== undefined) return reached;
    const port = general === undefined ? {} : { port: listenAddress(general).port };
    const settings = poolSettingsSchema.parse({ launcher, ...port });
    return this.#node({ name: runner, pool, index, settings });
  }

  #node({ name, pool, index, settings }: NodeDescription): NodePlace {
    return {
      name,
      pool,
      settings,
      // Nothing is started by this launcher, so it keeps no records.
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
  /** Its place among the nodes of the pool. */
  readonly index: number;
  readonly settings: NodeSettings;
}

/**
 * The nodes that a plan's sessions can run on, once for each pool they are reached through. Throws InputError if a
 * session has none.
 */
export async function nodesOfPlan(
  plan: Plan,
  { state, ...context }: NodeContext & { readonly state: StateFolder },
): Promise<SweepNode[]> {
  const { all } = await RunnerNodes.load(
    plan.sessions.map(({ hardware }) => hardware),
    context,
    'refuse',
  );
  const homeless = plan.sessions.find((session) => nodesFor(session, all).length === 0);
  if (homeless !== undefined) {
    throw new InputError(
      `no node can run session ${homeless.id}: runner '${homeless.runner}' has none`,
      'name its pool and nodes in runners.yaml',
    );
  }
  return all.map(({ settings, runs: _, ...node }) => ({
    ...node,
    launcher: launcherFor(settings, { recordFolder: state.engineRecords }),
  }));
}
