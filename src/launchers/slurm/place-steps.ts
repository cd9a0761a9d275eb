import { WorkError } from '../../errors.ts';
import type { LaunchRequest, LaunchStep } from '../launcher.ts';

/** A step of an engine on its nodes, with its command filled in. */
export interface PlacedStep {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly tasksPerNode: number;
  readonly mpi: boolean;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: NonNullable<LaunchStep['files']>;
}

/** Gives every step of an engine its nodes; an engine without steps is one process on the first node. */
export function placeSteps(request: LaunchRequest, nodes: readonly string[]): PlacedStep[] {
  const node = (index: number): string => {
    const name = nodes[index];
    if (name === undefined)
      throw new WorkError(`session ${request.sessionId} needs node ${index} and has ${nodes.length} nodes`);
    return name;
  };
  const fill = (text: string) => text.replaceAll(/\{host:(\d+)\}/g, (_, index) => node(Number(index)));
  const { argv, env } = request;
  const single: LaunchStep = { name: 'engine', nodes: [0], tasksPerNode: 1, mpi: false, argv, env };
  return (request.steps ?? [single]).map((step) => ({
    name: step.name,
    nodes: step.nodes.map(node),
    tasksPerNode: step.tasksPerNode,
    mpi: step.mpi,
    argv: step.argv.map(fill),
    env: Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, fill(value)])),
    files: (step.files ?? []).map(({ path, content }) => ({ path, content: fill(content) })),
  }));
}
