import { isMultiNode } from '../../identity/index.ts';
import { nodesOf } from '../recipe.ts';
import type { EngineSession, Plan, PlannedPoint } from '../session.ts';
import { modelShape, weightBytes } from './models.ts';
import { type Processors, predictPoint, rooflineAssumptions } from './roofline.ts';

export { gpuNamed, type PredictedPoint, type Processors, predictPoint } from './roofline.ts';

/** What earlier sweeps measured, as far as it is known. */
export interface History {
  /** Seconds from starting an engine until it was ready, of the latest start that is alike. */
  loadS(session: EngineSession): number | undefined;
  /** Requests per second that a point finished at its latest measurement. */
  requestRate(point: PlannedPoint): number | undefined;
}

/** Whether a figure comes from earlier measurements or from the assumptions, or is not known: the GPU is not. */
export type Basis = 'measured' | 'assumed' | 'unknown';

export interface PointEstimate {
  /** Seconds of load, with the warm-up requests; null if the GPU is unknown. */
  readonly runS: number | null;
  readonly basis: Basis;
}

export interface SessionEstimate {
  /** Seconds from the start until requests can be served. */
  readonly loadS: number;
  readonly loadBasis: Exclude<Basis, 'unknown'>;
  /** Seconds that the session takes, from start to end; null if that of a point is. */
  readonly totalS: number | null;
  readonly gpuHours: number | null;
  /** In the order of the session's points. */
  readonly points: readonly PointEstimate[];
}

/** The totals are null if a session's are. */
export interface PlanEstimate {
  readonly sessions: readonly SessionEstimate[];
  readonly gpuHours: number | null;
  /** The same points with an engine start for each matrix entry, as the public system does it. */
  readonly gpuHoursPerEntry: number | null;
  /** Engine starts of that. */
  readonly startsPerEntry: number;
  /** Node-hours of all sessions, one after the other. */
  readonly nodeHours: number | null;
  readonly assumptions: readonly string[];
}

/** What estimates are made from. */
export interface EstimateContext extends Processors {
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
    const runS = sum(points.map((point) => point.runS));
    if (runS === null) return null;
    return (acceleratorCount * ((entries[index] ?? 0) * (loadS + loadAssumptions.stopS) + runS)) / 3600;
  });
  return {
    sessions,
    gpuHours: sum(sessions.map(({ gpuHours }) => gpuHours)),
    gpuHoursPerEntry: sum(perEntry),
    startsPerEntry: entries.reduce((total, value) => total + value, 0),
    nodeHours: sum(
      plan.sessions.map(({ server }, index) => {
        const totalS = sessions[index]?.totalS ?? null;
        return totalS === null ? null : (nodesOf(server) * totalS) / 3600;
      }),
    ),
    assumptions: assumptionsInWords(plan, sessions, context),
  };
}

function estimateSession(session: EngineSession, context: EstimateContext): SessionEstimate {
  const { initS, history } = context;
  const recorded = history?.loadS(session);
  const loadS = recorded ?? assumedLoadS(session, initS);
  const points = session.points.map((point): PointEstimate => {
    const rate = history?.requestRate(point);
    const requests = point.client.numPrompts + point.client.warmupRequests;
    if (rate !== undefined) return { runS: requests / rate, basis: 'measured' };
    const predicted = predictPoint(point, session.server, context);
    if (predicted === undefined) return { runS: null, basis: 'unknown' };
    const { requestRate, e2elS } = predicted;
    // The last requests of a wave leave the engine half empty.
    return { runS: requests / requestRate + e2elS / 2, basis: 'assumed' };
  });
  const totalS = sum([loadS, loadAssumptions.stopS, ...points.map(({ runS }) => runS)]);
  return {
    loadS,
    loadBasis: recorded === undefined ? 'assumed' : 'measured',
    totalS,
    gpuHours: totalS === null ? null : (session.server.acceleratorCount * totalS) / 3600,
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

/** What the figures rest on that are neither measured nor unknown. */
function assumptionsInWords(
  plan: Plan,
  sessions: readonly SessionEstimate[],
  { initS }: EstimateContext,
): string[] {
  const { otherInitS, readPerGpu, readPerNode, stopS } = loadAssumptions;
  const starts = [...new Set(plan.sessions.map(({ framework }) => framework))].map(
    (framework) => `${framework} ${initS(framework) ?? otherInitS} s`,
  );
  const { bandwidthShare, prefillShare, draftAcceptance } = rooflineAssumptions;
  const assumesStarts = sessions.some(({ loadBasis }) => loadBasis === 'assumed');
  const assumesRuns = sessions.some(({ points }) => points.some(({ basis }) => basis === 'assumed'));
  const ofStarts = `a start takes a time that depends on the framework (${starts.toSorted().join(', ')}) and reads the weights at ${readPerGpu / 1e9} GB/s per GPU, ${readPerNode / 1e9} GB/s at most; an end takes ${stopS} s`;
  const ofRuns = `decoding reaches ${100 * bandwidthShare} % of the memory bandwidth, prompts ${100 * prefillShare} % of the arithmetic rate (hardware/gpus.yaml), and ${100 * draftAcceptance} % of drafted tokens are accepted`;
  return [...(assumesStarts ? [ofStarts] : []), ...(assumesRuns ? [ofRuns] : [])];
}

/** Null if one of the values is. */
function sum(values: readonly (number | null)[]): number | null {
  return values.reduce((total, value) => (total === null || value === null ? null : total + value), 0);
}
