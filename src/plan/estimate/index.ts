import type { GpuConstants } from '../../config/index.ts';
import { isMultiNode } from '../../identity/index.ts';
import { nodesOf } from '../recipe.ts';
import type { EngineSession, Plan, PlannedPoint } from '../session.ts';
import { modelShape, weightBytes } from './models.ts';
import { predictPoint, rooflineAssumptions } from './roofline.ts';

export { type PredictedPoint, predictPoint } from './roofline.ts';

/** What earlier sweeps measured, as far as it is known. */
export interface History {
  /** Seconds from starting an engine until it was ready, of the latest start that is alike. */
  loadS(session: EngineSession): number | undefined;
  /** Requests per second that a point finished at its latest measurement. */
  requestRate(point: PlannedPoint): number | undefined;
}

/** Whether a figure comes from earlier measurements or from the assumptions. */
export type Basis = 'measured' | 'assumed';

export interface PointEstimate {
  /** Seconds of load, with the warm-up requests. */
  readonly runS: number;
  readonly basis: Basis;
}

export interface SessionEstimate {
  /** Seconds from the start until requests can be served. */
  readonly loadS: number;
  readonly loadBasis: Basis;
  /** Seconds that the session takes, from start to end. */
  readonly totalS: number;
  readonly gpuHours: number;
  /** In the order of the session's points. */
  readonly points: readonly PointEstimate[];
}

export interface PlanEstimate {
  readonly sessions: readonly SessionEstimate[];
  readonly gpuHours: number;
  /** The same points with an engine start for each matrix entry, as the public system does it. */
  readonly gpuHoursPerEntry: number;
  /** Engine starts of that. */
  readonly startsPerEntry: number;
  /** Node-hours of all sessions, one after the other. */
  readonly nodeHours: number;
  readonly assumptions: readonly string[];
}

/** What estimates are made from. */
export interface EstimateContext {
  readonly gpus: readonly GpuConstants[];
  /** What is assumed of a framework's start, seconds without reading weights; undefined for one that nobody knows. */
  readonly initS: (framework: string) => number | undefined;
  readonly history?: History | undefined;
}

/** What is assumed of a start where none was recorded, beside what its engine says. */
export const loadAssumptions = {
  /** Container, imports, compilation and graph capture of an engine that nobody knows, seconds. */
  otherInitS: 120,
  /** Weights read from local disk or page cache, bytes per second and GPU, up to a node's limit. */
  readPerGpu: 0.5e9,
  readPerNode: 4e9,
  /** Ending an engine and finding its GPUs idle, seconds. */
  stopS: 20,
} as const;

/** Estimates the time and GPU-hours of a plan, from history where there is any and else from stated assumptions. */
export function estimatePlan(plan: Plan, context: EstimateContext): PlanEstimate {
  const sessions = plan.sessions.map((session) => estimateSession(session, context));
  const entries = plan.sessions.map(entriesOf);
  const perEntry = plan.sessions.map(({ server: { acceleratorCount } }, index) => {
    const { loadS = 0, points = [] } = sessions[index] ?? {};
    const runS = points.reduce((sum, point) => sum + point.runS, 0);
    return (acceleratorCount * ((entries[index] ?? 0) * (loadS + loadAssumptions.stopS) + runS)) / 3600;
  });
  return {
    sessions,
    gpuHours: sum(sessions.map(({ gpuHours }) => gpuHours)),
    gpuHoursPerEntry: sum(perEntry),
    startsPerEntry: sum(entries),
    nodeHours: sum(
      plan.sessions.map(({ server }, index) => (nodesOf(server) * (sessions[index]?.totalS ?? 0)) / 3600),
    ),
    assumptions: sessions.some(isAssumed) ? assumptionsInWords(plan, context) : [],
  };
}

function estimateSession(session: EngineSession, { gpus, initS, history }: EstimateContext): SessionEstimate {
  const recorded = history?.loadS(session);
  const loadS = recorded ?? assumedLoadS(session, initS);
  const points = session.points.map((point): PointEstimate => {
    const rate = history?.requestRate(point);
    const requests = point.client.numPrompts + point.client.warmupRequests;
    if (rate !== undefined) return { runS: requests / rate, basis: 'measured' };
    const { requestRate, e2elS } = predictPoint(point, session.server, gpus);
    // The last requests of a wave leave the engine half empty.
    return { runS: requests / requestRate + e2elS / 2, basis: 'assumed' };
  });
  const totalS = loadS + loadAssumptions.stopS + points.reduce((total, { runS }) => total + runS, 0);
  return {
    loadS,
    loadBasis: recorded === undefined ? 'assumed' : 'measured',
    totalS,
    gpuHours: (session.server.acceleratorCount * totalS) / 3600,
    points,
  };
}

/** Seconds until an engine that was never started here is ready. */
export function assumedLoadS(
  { framework, server, points }: EngineSession,
  initS: EstimateContext['initS'],
): number {
  const entry = points[0]?.entry;
  if (entry === undefined) return 0;
  const { otherInitS, readPerGpu, readPerNode } = loadAssumptions;
  const bytes = weightBytes(modelShape(entry['model-prefix'], entry.model), entry.precision);
  // Workers of a disaggregated engine read the weights at the same time; the largest reads longest per GPU.
  const gpusOfOne = Math.min(
    ...(server.disaggregated?.workers ?? []).map(({ acceleratorsPerWorker }) => acceleratorsPerWorker),
    server.acceleratorCount,
  );
  return (initS(framework) ?? otherInitS) + bytes / Math.min(gpusOfOne * readPerGpu, readPerNode);
}

/** Matrix entries of a session: a multi-node entry is one start for all of its concurrencies. */
function entriesOf({ points }: EngineSession): number {
  return new Set(points.map(({ entry, conc }) => JSON.stringify(isMultiNode(entry) ? entry : [entry, conc])))
    .size;
}

function isAssumed({ loadBasis, points }: SessionEstimate): boolean {
  return loadBasis === 'assumed' || points.some(({ basis }) => basis === 'assumed');
}

function assumptionsInWords(plan: Plan, { initS }: EstimateContext): string[] {
  const { otherInitS, readPerGpu, readPerNode, stopS } = loadAssumptions;
  const starts = [...new Set(plan.sessions.map(({ framework }) => framework))].map(
    (framework) => `${framework} ${initS(framework) ?? otherInitS} s`,
  );
  const { bandwidthShare, prefillShare, draftAcceptance } = rooflineAssumptions;
  return [
    `a start takes a time that depends on the framework (${starts.toSorted().join(', ')}) and reads the weights at ${readPerGpu / 1e9} GB/s per GPU, ${readPerNode / 1e9} GB/s at most; an end takes ${stopS} s`,
    `decoding reaches ${100 * bandwidthShare} % of the memory bandwidth, prompts ${100 * prefillShare} % of the arithmetic rate (hardware/gpus.yaml), and ${100 * draftAcceptance} % of drafted tokens are accepted`,
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
