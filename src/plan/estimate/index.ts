import { isMultiNode, isReplayed } from '../../identity/index.ts';
import { nodesOf } from '../recipe.ts';
import type { EngineSession, Plan, PlannedPoint } from '../session.ts';
import { modelShape, weightBytes } from './models.ts';
import { type Processors, predictPoint, rooflineAssumptions } from './roofline.ts';

export { gpuNamed, type PredictedPoint, type Processors, predictPoint } from './roofline.ts';

/** Times that earlier sweeps measured, if known. */
export interface History {
  /** Seconds from start to ready of the latest comparable engine start. */
  loadS(session: EngineSession): number | undefined;
  /** Requests per second that the point completed in its latest measurement. */
  requestRate(point: PlannedPoint): number | undefined;
}

/**
 * Whether a figure is based on earlier measurements, on assumptions, or unknown because the GPU or how much is sent
 * is unknown.
 */
export type Basis = 'measured' | 'assumed' | 'unknown';

export interface PointEstimate {
  /** Seconds of load, including warm-up requests; null if unknown. */
  readonly runS: number | null;
  readonly basis: Basis;
}

export interface SessionEstimate {
  /** Seconds from engine start to ready. */
  readonly loadS: number;
  readonly loadBasis: Exclude<Basis, 'unknown'>;
  /** Seconds from start to end of the session; null if the time of one of its points is unknown. */
  readonly totalS: number | null;
  readonly gpuHours: number | null;
  /** In the order of the session's points. */
  readonly points: readonly PointEstimate[];
}

/** Totals are null if they are null for any session. */
export interface PlanEstimate {
  readonly sessions: readonly SessionEstimate[];
  readonly gpuHours: number | null;
  /** GPU-hours of the same points with one engine start per matrix entry, as in the public system. */
  readonly gpuHoursPerEntry: number | null;
  /** Engine starts with one start per matrix entry. */
  readonly startsPerEntry: number;
  /** Node-hours of all sessions, run one after the other. */
  readonly nodeHours: number | null;
  readonly assumptions: readonly string[];
}

/** The input of estimates. */
export interface EstimateContext extends Processors {
  /** Assumed seconds of a framework's start, without reading weights; undefined if unknown. */
  readonly initS: (framework: string) => number | undefined;
  readonly history?: History | undefined;
}

/** Assumptions about starts without a recorded time, in addition to those of the engine. */
export const loadAssumptions = {
  /** Seconds for container, imports, compilation and graph capture of an unknown engine. */
  otherInitS: 120,
  /**
   * Speed of reading weights from local disk or page cache in bytes per second: per GPU, and limited per
   * node.
   */
  readPerGpu: 0.5e9,
  readPerNode: 4e9,
  /** Seconds to stop an engine and wait until its GPUs are idle. */
  stopS: 20,
} as const;

/**
 * Estimates the time and GPU-hours of a plan, from earlier measurements if available and otherwise from
 * stated assumptions.
 */
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
    // A replay takes as long as it is asked to; its warm-up is comparatively short.
    if (isReplayed(point.entry)) return known(point.sends?.seconds, 'assumed');
    const rate = history?.requestRate(point);
    if (rate !== undefined) return known(sentForS(point, rate), 'measured');
    const predicted = predictPoint(point, session.server, context);
    if (predicted === undefined) return known(point.sends?.seconds, 'assumed');
    const sendS = sentForS(point, predicted.requestRate);
    // While the last requests finish, the engine is half empty on average.
    return known(sendS === undefined ? undefined : sendS + predicted.e2elS / 2, 'assumed');
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

function known(runS: number | undefined, basis: 'measured' | 'assumed'): PointEstimate {
  return runS === undefined ? { runS: null, basis: 'unknown' } : { runS, basis };
}

/**
 * Seconds until a point has sent its requests and its warm-up to an engine that completes `servedPerS` requests per second;
 * undefined if its definition does not say how many these are.
 */
function sentForS({ client, sends }: PlannedPoint, servedPerS: number): number | undefined {
  const { requests, seconds, rate } = sends ?? { requests: client.numPrompts };
  const warmupS = client.warmupRequests / servedPerS;
  if (requests === undefined) return seconds === undefined ? undefined : warmupS + seconds;
  const sendS = requests / Math.min(servedPerS, rate ?? Number.POSITIVE_INFINITY);
  return warmupS + Math.min(sendS, seconds ?? Number.POSITIVE_INFINITY);
}

/** Assumed time from start to ready, in seconds, for an engine that was never started here. */
export function assumedLoadS(
  { framework, server, points }: EngineSession,
  initS: EstimateContext['initS'],
): number {
  const entry = points[0]?.entry;
  if (entry === undefined) return 0;
  const { otherInitS, readPerGpu, readPerNode } = loadAssumptions;
  const bytes = weightBytes(modelShape(entry['model-prefix'], entry.model), entry.precision);
  // Workers of a disaggregated engine load in parallel; the one with the fewest GPUs takes longest.
  const gpusOfOne = Math.min(
    ...(server.disaggregated?.workers ?? []).map(({ acceleratorsPerWorker }) => acceleratorsPerWorker),
    server.acceleratorCount,
  );
  return (initS(framework) ?? otherInitS) + bytes / Math.min(gpusOfOne * readPerGpu, readPerNode);
}

/** The number of matrix entries of a session. A multi-node entry covers all of its concurrencies. */
function entriesOf({ points }: EngineSession): number {
  return new Set(points.map(({ entry, conc }) => JSON.stringify(isMultiNode(entry) ? entry : [entry, conc])))
    .size;
}

/** The assumptions behind the figures that were not measured, in words. */
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
  const ofStarts = `the start time depends on the framework (${starts.toSorted().join(', ')}), plus reading the weights at ${readPerGpu / 1e9} GB/s per GPU, at most ${readPerNode / 1e9} GB/s per node; a stop takes ${stopS} s`;
  const ofRuns = `decoding reaches ${100 * bandwidthShare} % of the memory bandwidth, prompts ${100 * prefillShare} % of the arithmetic rate (hardware/gpus.yaml), and ${100 * draftAcceptance} % of drafted tokens are accepted`;
  return [...(assumesStarts ? [ofStarts] : []), ...(assumesRuns ? [ofRuns] : [])];
}

/** Null if any value is null. */
function sum(values: readonly (number | null)[]): number | null {
  return values.reduce((total, value) => (total === null || value === null ? null : total + value), 0);
}
