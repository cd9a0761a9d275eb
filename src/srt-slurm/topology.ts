import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import type { PortAllocation } from './ports.ts';

export type WorkerRole = 'prefill' | 'decode' | 'agg';

/** A worker: one engine on the GPUs of one or several nodes. */
export interface Endpoint {
  readonly role: WorkerRole;
  /** Its number within its role. */
  readonly index: number;
  readonly nodes: readonly string[];
  /** The same GPUs on each of its nodes. */
  readonly gpus: readonly number[];
}

/** A process of a worker on one node. */
export interface WorkerProcess {
  readonly role: WorkerRole;
  readonly index: number;
  readonly node: string;
  readonly gpus: readonly number[];
  /** Its rank in the worker: of its node, or its first data-parallel rank. */
  readonly rank: number;
  readonly systemPort: number;
  /** Absent for a process that answers no requests. */
  readonly httpPort?: number;
  /** Of prefill workers. */
  readonly bootstrapPort?: number;
  readonly kvEventsPort: number;
  readonly nixlPort: number;
  /** Of data-parallel workers of vLLM. */
  readonly dataParallelPort?: number;
}

/** The workers of one role. */
export interface RoleWorkers {
  readonly role: WorkerRole;
  readonly count: number;
  readonly gpusEach: number;
}

interface Placement {
  readonly gpusPerNode: number;
  /** A worker that needs less than a node shares it with no other worker. */
  readonly spread: boolean;
  /** Decode workers may use what prefill workers leave of a node. */
  readonly shareNodes: boolean;
}

/**
 * Places workers on nodes in order: whole nodes for workers of a node or more, and shared nodes for smaller ones. Decode
 * workers begin on a new node if there is one. Throws InputError if the nodes do not suffice.
 */
export function placed(
  groups: readonly RoleWorkers[],
  nodes: readonly string[],
  { gpusPerNode, spread, shareNodes }: Placement,
): Endpoint[] {
  let node = 0;
  let used = 0;
  const nextNode = () => {
    node += 1;
    used = 0;
  };
  const nodeAt = (index: number) => {
    const found = nodes[index];
    if (found !== undefined) return found;
    throw new InputError(
      `the workers need more than the ${nodes.length} nodes of the recipe`,
      'raise the number of nodes in resources, or lower the number of workers or their GPUs',
      { code: 'bad-config' },
    );
  };
  const onePlace = ({ role, gpusEach }: RoleWorkers, index: number): Endpoint => {
    if (gpusEach >= gpusPerNode) {
      const own = Array.from({ length: Math.ceil(gpusEach / gpusPerNode) }, (_, at) => nodeAt(node + at));
      node += own.length;
      return { role, index, nodes: own, gpus: range(0, gpusPerNode) };
    }
    if (used + gpusEach > gpusPerNode) nextNode();
    const place = { role, index, nodes: [nodeAt(node)], gpus: range(used, used + gpusEach) };
    used += gpusEach;
    if (used >= gpusPerNode || spread) nextNode();
    return place;
  };
  return groups.flatMap((group) => {
    if (group.role === 'decode' && group.count > 0 && !shareNodes && used > 0 && node + 1 < nodes.length)
      nextNode();
    return Array.from({ length: group.count }, (_, index) => onePlace(group, index));
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** One process for each node of a worker; only the first one answers requests. */
export function processPerNode(
  { role, index, nodes, gpus }: Endpoint,
  ports: PortAllocation,
): WorkerProcess[] {
  const [leader = ''] = nodes;
  const bootstrapPort = role === 'prefill' ? ports.bootstrap(leader) : undefined;
  return nodes.map((node, rank) => ({
    role,
    index,
    node,
    gpus,
    rank,
    systemPort: ports.system(),
    ...defined({ httpPort: rank === 0 ? ports.http(node) : undefined, bootstrapPort }),
    kvEventsPort: ports.kvEvents(),
    nixlPort: ports.nixl(),
  }));
}

export function isLeader({ rank }: WorkerProcess): boolean {
  return rank === 0;
}
