/** What a node has. */
export interface NodeHardware {
  /** Memory of the host that KV caches may be offloaded to, MiB. */
  readonly dramMib: number;
  readonly gpus: number;
}

/** The nodes of each runner pool, by the pool's name; a label of August's form is one. */
export interface RunnerPools extends ReadonlyMap<string, readonly string[]> {
  /** The contract that the file of the pools follows; absent if they came from no file. */
  readonly contract?: string;
  /** What a node of a pool has, where the file says it. */
  readonly hardware?: ReadonlyMap<string, NodeHardware>;
}

/** What the name of a fleet begins with: a pool of the nodes of one site (contract F1). */
export const fleetPrefix = 'cluster:';

/** What a pool's file is called, without its ending: the pool's name; of a fleet without the prefix. */
export function fileNameOfPool(pool: string): string {
  return pool.startsWith(fleetPrefix) ? pool.slice(fleetPrefix.length) : pool;
}

/** What results call a pool where nothing else is said of it: its name; a fleet goes by its GPU. */
export function hardwareOfPool(pool: string): string {
  const [gpu = pool] = fileNameOfPool(pool).split('-');
  return pool.startsWith(fleetPrefix) ? gpu : pool;
}

/** The pool that a config's or entry's runner names: itself, or the pool of which it is a node. */
export function poolOf(runner: string, pools: RunnerPools): string | undefined {
  if (pools.has(runner)) return runner;
  return [...pools].find(([, nodes]) => nodes.includes(runner))?.[0];
}
