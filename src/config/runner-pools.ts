/** The hardware of a node. */
export interface NodeHardware {
  /** Host memory in MiB that KV cache offloading may use. */
  readonly dramMib: number;
  readonly gpus: number;
}

/** The nodes of each runner pool, by the pool's name; a label of August's form is one. */
export interface RunnerPools extends ReadonlyMap<string, readonly string[]> {
  /** The contract that the file of the pools follows; absent if they came from no file. */
  readonly contract?: string;
  /** The hardware of a pool's nodes, if the file describes it. */
  readonly hardware?: ReadonlyMap<string, NodeHardware>;
}

/** The prefix of the name of a fleet, which is a pool of the nodes of one site (contract F1). */
export const fleetPrefix = 'cluster:';

/** The name of a pool's file without its extension: the pool's name, for a fleet without the prefix. */
export function fileNameOfPool(pool: string): string {
  return pool.startsWith(fleetPrefix) ? pool.slice(fleetPrefix.length) : pool;
}

/** The default name of a pool in results: its name, or the GPU of a fleet. */
export function hardwareOfPool(pool: string): string {
  const [gpu = pool] = fileNameOfPool(pool).split('-');
  return pool.startsWith(fleetPrefix) ? gpu : pool;
}

/** The pool that a config's or entry's runner names: itself, or the pool of which it is a node. */
export function poolOf(runner: string, pools: RunnerPools): string | undefined {
  if (pools.has(runner)) return runner;
  return [...pools].find(([, nodes]) => nodes.includes(runner))?.[0];
}
