import { WorkError } from '../../errors.ts';
import type { TextFile } from '../../hosts/index.ts';
import type { LaunchedStep } from '../launcher.ts';

/** A step of an engine with its nodes, and with its command filled in. */
export interface PlacedStep extends Omit<LaunchedStep, 'nodes' | 'files'> {
  readonly nodes: readonly string[];
  readonly files: readonly TextFile[];
}

/** Assigns nodes to every step of a session's engine. Throws WorkError if the session has too few. */
export function placeSteps(
  sessionId: string,
  steps: readonly LaunchedStep[],
  nodes: readonly string[],
): PlacedStep[] {
  const node = (index: number): string => {
    const name = nodes[index];
    if (name === undefined)
      throw new WorkError(`session ${sessionId} needs node ${index} and has ${nodes.length} nodes`, {
        code: 'engine-failed',
      });
    return name;
  };
  const fill = (text: string) => text.replaceAll(/\{host:(\d+)\}/g, (_, index) => node(Number(index)));
  return steps.map((step) => ({
    name: step.name,
    nodes: step.nodes.map(node),
    tasksPerNode: step.tasksPerNode,
    mpi: step.mpi,
    argv: step.argv.map(fill),
    env: Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, fill(value)])),
    files: (step.files ?? []).map(({ path, content }) => ({ path, content: fill(content) })),
  }));
}
