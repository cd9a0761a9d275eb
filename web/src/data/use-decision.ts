import { useMemo } from 'preact/hooks';
import {
  allowedOf,
  type DecisionQuestion,
  decide,
  type HardwareDecision,
} from '../../../src/derived/decision.ts';
import { gpuOf } from '../../../src/derived/hardware-key.ts';
import { parsePrecisionPolicy } from '../../../src/derived/precision-policy.ts';
import { type HardwareReadings, readingsOf } from '../../../src/derived/readings.ts';
import { roundSpeed } from '../../../src/derived/round-speed.ts';
import type { EvalsDocument, HardwareDocument, IndexDocument } from '../../../src/server/api.ts';
import { needOf, type QuestionValues } from '../state/question.ts';
import { accuracies, candidatesOf, type PointCandidate } from './candidates.ts';
import { hardwareAsOf } from './hardware-as-of.ts';
import { type PublishedPoint, shapeAddress } from './points.ts';
import { type Priced, pricesOf } from './prices.ts';
import { loadPoints } from './shape-points.ts';
import { shapesAsked } from './shapes-asked.ts';
import { loadDocument } from './source.ts';
import { type Loaded, shownOf, useDocument, useLoaded } from './use-loaded.ts';

export type IndexShape = IndexDocument['shapes'][number];

/**
 * The shape of a question: the requested one, else the model's shape with the most points, else that of any model with
 * the requested scenario.
 */
export function shapeAsked({ shapes }: IndexDocument, values: QuestionValues): IndexShape | undefined {
  const byPoints = shapes.toSorted((a, b) => b.points - a.points);
  const { model, shape } = values;
  const ofModel = shapesAsked(
    byPoints.filter(({ modelPrefix }) => modelPrefix === model),
    values,
  );
  return ofModel.find((one) => shapeAddress(one) === shape) ?? ofModel[0] ?? shapesAsked(byPoints, values)[0];
}

/** The data that an answer is computed from, the same for every view. */
export interface DecisionBasis {
  readonly shape: IndexShape;
  readonly points: readonly PublishedPoint[];
  readonly hardware: HardwareDocument;
  readonly evals: EvalsDocument['evals'];
}

/** Starts to load the data of an answer in advance; errors are handled by the view that reads it. */
export function expectBasis({ key }: IndexShape): void {
  for (const path of [`shapes/${key}`, 'hardware', 'evals']) loadDocument(path).catch(() => {});
}

export function useBasis(shape: IndexShape | undefined): Loaded<DecisionBasis> {
  const hardware = useDocument(shape && 'hardware');
  const evals = useDocument(shape && 'evals');
  const points = useLoaded(shape?.key, async () => ({
    shape,
    points: await loadPoints(shape?.key ?? '', { kind: 'latest' }),
  }));
  return useMemo((): Loaded<DecisionBasis> => {
    for (const one of [hardware, points]) if (one.state === 'failed') return one;
    const [constants, known] = [shownOf(hardware), shownOf(points)];
    if (constants === undefined || known?.shape === undefined) return { state: 'loading', stale: undefined };
    // Scores that cannot be loaded leave accuracies unknown, and speeds as they are.
    if (evals.state === 'loading' && shownOf(evals) === undefined)
      return { state: 'loading', stale: undefined };
    const basis: DecisionBasis = {
      shape: known.shape,
      points: known.points,
      hardware: constants,
      evals: shownOf(evals)?.evals ?? [],
    };
    return points.state === 'ready' ? { state: 'ready', value: basis } : { state: 'loading', stale: basis };
  }, [hardware, evals, points]);
}

/** The answer to a question, and its data. */
export interface Decided {
  readonly basis: DecisionBasis;
  readonly speed: number;
  readonly question: DecisionQuestion<PointCandidate>;
  readonly decision: HardwareDecision<PointCandidate>;
  /** The points that the policy allows. */
  readonly allowed: readonly PointCandidate[];
  /** The readings from which an answer at any speed follows. */
  readonly readings: readonly HardwareReadings<PointCandidate>[];
  readonly candidates: readonly PointCandidate[];
  readonly prices: ReadonlyMap<string, Priced>;
}

const nothing = { shape: undefined, points: [], hardware: { gpus: [], measured: [] }, evals: [] };

export function useDecided(basis: DecisionBasis, values: QuestionValues): Decided {
  const decided = useDecidedOf(basis, values);
  if (decided === undefined) throw new Error('what is loaded has an answer');
  return decided;
}

/** The same for data that may not be loaded yet. */
export function useDecidedOf(basis: DecisionBasis | undefined, values: QuestionValues): Decided | undefined {
  const { shape, points, hardware: newest, evals } = basis ?? nothing;
  const hardware = useMemo(() => hardwareAsOf(newest, values.constants), [newest, values.constants]);
  const candidates = useMemo(() => candidatesOf(points), [points]);
  const accuracyOf = useMemo(() => accuracies(evals, shape?.modelPrefix ?? ''), [evals, shape?.modelPrefix]);
  const { payer, kwh } = values;
  const prices = useMemo(
    () => pricesOf(shape?.hardware ?? [], hardware, { prices: values.prices, payer, kwh }),
    [shape?.hardware, hardware, values.prices, payer, kwh],
  );
  const initial = useMemo(() => roundSpeed(candidates, values.stat), [candidates, values.stat]);
  const speed = values.speed ?? initial;
  const policy = useMemo(() => parsePrecisionPolicy(values.allow), [values.allow]);
  const allowed = useMemo(
    () => allowedOf(candidates, { policy, accuracyOf }),
    [candidates, policy, accuracyOf],
  );
  // The same readings answer other speeds and limits.
  const { stat, ttft, ttftof, tokens, arrival } = values;
  const readings = useMemo(
    () => readingsOf(allowed, { speedStatistic: stat, ttftStatistic: ttftof, tokens, arrival }),
    [allowed, stat, ttftof, tokens, arrival],
  );
  const need = useMemo(
    () => needOf({ stat, ttft, ttftof, tokens, arrival }, speed),
    [stat, ttft, ttftof, tokens, arrival, speed],
  );
  return useMemo(() => {
    if (basis === undefined) return undefined;
    const constants = new Map(hardware.gpus.map((one) => [one.gpu, one]));
    const question: DecisionQuestion<PointCandidate> = {
      need,
      policy,
      accuracyOf,
      priceOf: (hw: string) => prices.get(hw)?.price ?? null,
      powerKwOf: (hw: string) =>
        constants.get(gpuOf(hw, constants.keys()) ?? '')?.allInPowerKw?.value ?? null,
    };
    const decision = decide(candidates, question, readings);
    return { basis, speed, question, decision, allowed, readings, candidates, prices };
  }, [basis, hardware, candidates, policy, allowed, readings, accuracyOf, prices, speed, need]);
}
