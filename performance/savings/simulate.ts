import { assumedInitS } from '../../src/engines/index.ts';
import { assumedLoadS, loadAssumptions } from '../../src/plan/estimate/index.ts';
import {
  type CandidateCurve,
  curveKey,
  curvesOf,
  type EngineSession,
  type Measurement,
  nextPoints,
  type Plan,
  type PlannedPoint,
} from '../../src/plan/index.ts';
import type { World } from './world.ts';

/** The cost and the measurements of a simulated sweep. */
export interface Simulated {
  readonly gpuHours: number;
  readonly starts: number;
  readonly measured: ReadonlySet<string>;
}

/** How many nodes of a runner take sessions at the same time. */
export type NodesOf = (runner: string) => number;

/**
 * Runs a plan: every node takes the next session of its runner, starts the engine, and measures points one after the
 * other. With `adaptive`, each point is chosen after the previous one, based on everything measured so far, and the
 * engine is stopped when no remaining point is worth measuring.
 */
export function simulate(plan: Plan, world: World, nodesOf: NodesOf, adaptive: boolean): Simulated {
  const curves = new Map(curvesOf(plan).map((curve) => [curve.key, curve]));
  const results = new Map<string, Measurement[]>();
  const givenUp = new Set<string>();
  const measured = new Set<string>();
  let gpuHours = 0;
  let starts = 0;

  /** The most promising remaining point; undefined if none is worth measuring. */
  const choose = (left: readonly PlannedPoint[]): PlannedPoint | undefined => {
    if (!adaptive) return left[0];
    for (const key of new Set(left.map(curveKey))) {
      const curve = curves.get(key) ?? ({ key, candidates: [] } satisfies CandidateCurve);
      const { measure } = nextPoints(curve, results.get(key) ?? [], { givenUp });
      const found = measure.flatMap(({ id }) => left.filter((point) => point.id === id))[0];
      if (found !== undefined) return found;
    }
    return undefined;
  };

  for (const [runner, sessions] of Map.groupBy(plan.sessions, (session) => session.runner)) {
    const queue = [...sessions];
    const nodes: NodeState[] = Array.from({ length: nodesOf(runner) }, () => ({ time: 0 }));
    for (;;) {
      const node = nodes.toSorted((a, b) => a.time - b.time)[0];
      if (node === undefined) break;
      if (node.running !== undefined) {
        const { point, session } = node.running;
        const key = curveKey(point);
        results.set(key, [...(results.get(key) ?? []), world.measure(point, session.server)]);
        delete node.running;
      }
      const work = node.work ?? begin(queue.shift());
      if (work === undefined) {
        node.time = Number.POSITIVE_INFINITY;
        if (nodes.every(({ time }) => time === Number.POSITIVE_INFINITY)) break;
        continue;
      }
      const point = choose(work.left);
      const gpus = work.session.server.acceleratorCount;
      if (point === undefined) {
        for (const { id } of work.left) givenUp.add(id);
        delete node.work;
        continue;
      }
      let seconds = world.runS(point, work.session.server);
      if (!work.started) {
        seconds += assumedLoadS(work.session, assumedInitS) + loadAssumptions.stopS;
        starts += 1;
      }
      gpuHours += (gpus * seconds) / 3600;
      measured.add(point.id);
      node.time += seconds;
      node.running = { point, session: work.session };
      node.work = { ...work, started: true, left: work.left.filter(({ id }) => id !== point.id) };
    }
  }
  return { gpuHours, starts, measured };
}

interface NodeState {
  time: number;
  work?: Work;
  running?: { readonly point: PlannedPoint; readonly session: EngineSession };
}

/** A session on a node. */
interface Work {
  readonly session: EngineSession;
  readonly left: readonly PlannedPoint[];
  readonly started: boolean;
}

function begin(session: EngineSession | undefined): Work | undefined {
  return session === undefined ? undefined : { session, left: session.points, started: false };
}
