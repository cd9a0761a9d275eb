import { InputError } from '../../errors.ts';
import type { LaunchRequest, WorkerGroup } from '../launcher.ts';

/** One worker on its nodes, with its command filled in. */
export interface PlacedWorker {
  /** `engine`, or a role with the worker's number in it, such as `decode-1`. */
  readonly name: string;
  readonly nodes: readonly string[];
  readonly tasksPerNode: number;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The nodes that a multi-node engine spans. */
export function nodesNeeded(groups: readonly WorkerGroup[]): number {
  return Math.max(
    1,
    groups.reduce((sum, { workers, nodesPerWorker }) => sum + workers * nodesPerWorker, 0),
  );
}

/** Gives every worker its nodes, in order; an engine without workers is one process on the first node. */
export function placeWorkers(request: LaunchRequest, nodes: readonly string[]): PlacedWorker[] {
  const head = nodes.slice(0, 1);
  if (request.workers === undefined)
    return [{ name: 'engine', nodes: head, tasksPerNode: 1, argv: request.argv, env: {} }];
  const needed = nodesNeeded(request.workers);
  if (needed > nodes.length)
    throw new InputError(`session ${request.sessionId} needs ${needed} nodes and has ${nodes.length}`);
  const placed: PlacedWorker[] = [];
  let next = 0;
  for (const group of request.workers) {
    for (let number = 0; number < group.workers; number++) {
      const own = group.nodesPerWorker === 0 ? head : nodes.slice(next, next + group.nodesPerWorker);
      next += group.nodesPerWorker;
      const fill = filler({
        head: nodes[0] ?? '',
        first: own[0] ?? '',
        nodes: own.join(','),
        worker: String(number),
        port: String(request.port),
      });
      placed.push({
        name: `${group.role}-${number}`,
        nodes: own,
        tasksPerNode: group.tasksPerNode,
        argv: group.argv.map(fill),
        env: Object.fromEntries(Object.entries(group.env).map(([name, value]) => [name, fill(value)])),
      });
    }
  }
  return placed;
}

function filler(values: Readonly<Record<string, string>>): (text: string) => string {
  return (text) => text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}
