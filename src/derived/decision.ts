import type { Accuracy } from './accuracy.ts';
import { type Absence, answersTo, type BestAnswer, type Need, pointsOf } from './answer.ts';
import { type Arrival, worstArrival } from './arrival.ts';
import type { AnswerCandidate } from './candidate.ts';
import { costPerMillion, type GpuPrice } from './cost.ts';
import { tokensPerSPerMw } from './power.ts';
import { allowsPrecision, type PrecisionPolicy } from './precision-policy.ts';
import { type HardwareReadings, readingsOf } from './readings.ts';
import { type PublishedVerdict, worstVerdict } from './verdicts.ts';

/** A need, with everything else that affects the decision. */
export interface DecisionQuestion<Point> {
  readonly need: Need;
  readonly policy: PrecisionPolicy;
  accuracyOf(point: Point): Accuracy;
  /** Null if the price of the hardware is unknown. */
  priceOf(hw: string): GpuPrice | null;
  /** All-in power of one GPU in kW; null if unknown. */
  powerKwOf(hw: string): number | null;
}

/** The answer of a hardware type, with cost, power, accuracy and verdict. */
export interface DecisionRow<Point> {
  readonly answer: BestAnswer<Point>;
  /** The points on which it is based: one measured point, or two of one server. */
  readonly points: readonly Point[];
  readonly accuracy: Accuracy;
  readonly verdict: PublishedVerdict;
  /** Whether the speed hides pauses between tokens. */
  readonly arrival: Arrival;
  /** When the older of its points was measured, Unix time in seconds. */
  readonly measuredAtS: number;
  /** The price that the cost rests on; null without one. */
  readonly usdPerGpuHour: number | null;
  /** Null without a price. */
  readonly usdPerMillion: number | null;
  /** Null without a power. */
  readonly tokensPerSPerMw: number | null;
  /** kW per million tokens per second. */
  readonly kwPerMtokPerS: number | null;
  /** The best answer without the TTFT limit, if it differs. */
  readonly beyondTtft: BestAnswer<Point> | null;
}

/** Why a hardware type is not in a row. */
export type DecisionAbsence =
  | Absence
  /** No point has the requested precision; these are available. */
  | { readonly reason: 'other-precision'; readonly precisions: readonly string[] }
  /** No point passed an accuracy check; `checked` says whether any was checked. */
  | { readonly reason: 'accuracy'; readonly checked: boolean };

export interface HardwareDecision<Point> {
  /** Highest throughput per GPU first. */
  readonly rows: readonly DecisionRow<Point>[];
  readonly absent: readonly ({ readonly hw: string } & DecisionAbsence)[];
  /** Hardware with a row but without a price. */
  readonly withoutPrice: readonly string[];
  /** Number of points whose speed or throughput is unknown. */
  readonly withoutFigures: number;
  /** The precisions of the rows; if there are several, the comparison needs a note. */
  readonly precisions: readonly string[];
}

/** The points whose precision the question allows. */
export function allowedOf<Point extends AnswerCandidate>(
  points: readonly Point[],
  { policy, accuracyOf }: Pick<DecisionQuestion<Point>, 'policy' | 'accuracyOf'>,
): readonly Point[] {
  if (policy === 'any') return points;
  // Accuracy is looked up only if the policy needs it.
  return points.filter((point) =>
    allowsPrecision(policy, point.precision, policy === 'passed' ? accuracyOf(point).state : 'unknown'),
  );
}

/**
 * Answers a question for every hardware type: the best server, with cost, power, accuracy and verdict, or the
 * reason why there is none.
 */
export function decide<Point extends AnswerCandidate>(
  points: readonly Point[],
  question: DecisionQuestion<Point>,
  /**
   * Readings of the allowed points; pass those of an earlier question about the same figures to reuse them.
   */
  readings: readonly HardwareReadings<Point>[] = readingsOf(allowedOf(points, question), question.need),
): HardwareDecision<Point> {
  const { best, absent, beyondTtft, withoutFigures } = answersTo(readings, question.need);
  const rows = best.map((answer) => rowOf(answer, beyondTtft.get(answer.hw) ?? null, question));
  const left = new Set(readings.map(({ hw }) => hw));
  const others = points.filter(({ hw }) => !left.has(hw));
  const refused = [...Map.groupBy(others, ({ hw }) => hw)].map(([hw, members]) => ({
    hw,
    ...refusal(members, question),
  }));
  return {
    rows,
    absent: [...absent, ...refused],
    withoutFigures,
    withoutPrice: rows.flatMap(({ answer, usdPerMillion }) => (usdPerMillion === null ? [answer.hw] : [])),
    precisions: [...new Set(rows.flatMap((row) => row.points.map(({ precision }) => precision)))].toSorted(),
  };
}

function rowOf<Point extends AnswerCandidate>(
  answer: BestAnswer<Point>,
  beyondTtft: BestAnswer<Point> | null,
  { need, accuracyOf, priceOf, powerKwOf }: DecisionQuestion<Point>,
): DecisionRow<Point> {
  const points = pointsOf(answer);
  const [first] = points;
  const price = priceOf(answer.hw);
  const powerKw = powerKwOf(answer.hw);
  const throughput = { tokens: need.tokens, dividedBy: 'all', perGpu: answer.tputPerGpu } as const;
  return {
    answer,
    points,
    beyondTtft,
    accuracy: first === undefined ? { state: 'unknown' } : accuracyOf(first),
    verdict: worstVerdict(points),
    arrival: worstArrival(points),
    measuredAtS: Math.min(...points.map(({ measuredAtS }) => measuredAtS)),
    usdPerGpuHour: price?.usdPerGpuHour ?? null,
    usdPerMillion: price === null ? null : (costPerMillion(throughput, price)?.usd ?? null),
    tokensPerSPerMw: powerKw === null ? null : tokensPerSPerMw(throughput, powerKw),
    kwPerMtokPerS: powerKw === null || !(answer.tputPerGpu > 0) ? null : (powerKw / answer.tputPerGpu) * 1e6,
  };
}

function refusal<Point extends AnswerCandidate>(
  members: readonly Point[],
  { policy, accuracyOf }: DecisionQuestion<Point>,
): DecisionAbsence {
  if (policy === 'passed')
    return { reason: 'accuracy', checked: members.some((point) => accuracyOf(point).state !== 'unknown') };
  return {
    reason: 'other-precision',
    precisions: [...new Set(members.map(({ precision }) => precision))].toSorted(),
  };
}

/**
 * How far two measurements of an unchanged server can differ, as a fraction; assumed if there are no repeats.
 * Most figures rest on one measurement, so smaller differences between them are not significant.
 */
export const unrepeatedSpread = 0.05;

/**
 * Whether the throughputs of two rows differ significantly: their ranges do not overlap after adding the
 * spread of repeats.
 */
export function areProvenDifferent(
  a: Pick<BestAnswer<unknown>, 'tputPerGpu' | 'range'>,
  b: Pick<BestAnswer<unknown>, 'tputPerGpu' | 'range'>,
  /** Factors that make the two comparable, such as GPU-hours per dollar. */
  scale: readonly [a: number, b: number] = [1, 1],
): boolean {
  const [lowA, highA] = rangeOf(a).map((bound) => bound * scale[0]);
  const [lowB, highB] = rangeOf(b).map((bound) => bound * scale[1]);
  if (lowA === undefined || highA === undefined || lowB === undefined || highB === undefined) return false;
  return highA < lowB || highB < lowA;
}

function rangeOf({ tputPerGpu, range }: Pick<BestAnswer<unknown>, 'tputPerGpu' | 'range'>): number[] {
  const [low, high] = range ?? [tputPerGpu, tputPerGpu];
  return [low * (1 - unrepeatedSpread), high * (1 + unrepeatedSpread)];
}
