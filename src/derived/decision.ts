import type { Accuracy } from './accuracy.ts';
import { type Absence, answersTo, type BestAnswer, type Need, pointsOf } from './answer.ts';
import type { AnswerCandidate } from './candidate.ts';
import { costPerMillion, type GpuPrice } from './cost.ts';
import { tokensPerSPerMw } from './power.ts';
import { allowsPrecision, type PrecisionPolicy } from './precision-policy.ts';
import { type HardwareReadings, readingsOf } from './readings.ts';
import { type PublishedVerdict, worstVerdict } from './verdicts.ts';

/** Everything that somebody decides by. */
export interface DecisionQuestion<Point> {
  readonly need: Need;
  readonly policy: PrecisionPolicy;
  accuracyOf(point: Point): Accuracy;
  /** null where no price is known for the hardware. */
  priceOf(hw: string): GpuPrice | null;
  /** All-in power of a GPU, kW; null where it is not known. */
  powerKwOf(hw: string): number | null;
}

/** What a hardware gives, with all that is known of the server that gives it. */
export interface DecisionRow<Point> {
  readonly answer: BestAnswer<Point>;
  /** What it rests on: one measured point, or two of one server. */
  readonly points: readonly Point[];
  readonly accuracy: Accuracy;
  readonly verdict: PublishedVerdict;
  /** When the older of its points was measured, seconds since 1970. */
  readonly measuredAtS: number;
  /** null without a price. */
  readonly usdPerMillion: number | null;
  /** null without a power. */
  readonly tokensPerSPerMw: number | null;
  /** kW that a million tokens a second take. */
  readonly kwPerMtokPerS: number | null;
  /** The best if any time to the first token were good enough, where that is another one. */
  readonly beyondTtft: BestAnswer<Point> | null;
}

/** Why a hardware is in no row. */
export type DecisionAbsence =
  | Absence
  /** No point of the precision that is asked for; those that there are. */
  | { readonly reason: 'other-precision'; readonly precisions: readonly string[] }
  /** None of its points passed an accuracy check; `checked` says whether any was checked. */
  | { readonly reason: 'accuracy'; readonly checked: boolean };

export interface HardwareDecision<Point> {
  /** The most tokens per GPU first. */
  readonly rows: readonly DecisionRow<Point>[];
  readonly absent: readonly ({ readonly hw: string } & DecisionAbsence)[];
  /** Hardware that has a row and no price. */
  readonly withoutPrice: readonly string[];
  /** Points of which the speed or the throughput is not known. */
  readonly withoutFigures: number;
  /** Precisions that the rows rest on: more than one must not be compared without a word. */
  readonly precisions: readonly string[];
}

/** The points of the precisions that a question allows. */
export function allowedOf<Point extends AnswerCandidate>(
  points: readonly Point[],
  { policy, accuracyOf }: Pick<DecisionQuestion<Point>, 'policy' | 'accuracyOf'>,
): readonly Point[] {
  if (policy === 'any') return points;
  // An accuracy is looked for only where it decides.
  return points.filter((point) =>
    allowsPrecision(policy, point.precision, policy === 'passed' ? accuracyOf(point).state : 'unknown'),
  );
}

export function decide<Point extends AnswerCandidate>(
  points: readonly Point[],
  question: DecisionQuestion<Point>,
  /** Those of the points that are allowed, where they were made for an earlier question about the same figures. */
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
    measuredAtS: Math.min(...points.map(({ measuredAtS }) => measuredAtS)),
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
 * How far two measurements of the same server can differ when nothing changed, as a share, where nothing better is
 * known: most figures rest on one measurement, and then less than this is no difference.
 */
export const unrepeatedSpread = 0.05;

/** Whether the throughputs of two rows are surely different: their ranges, widened by the spread of repeats, are apart. */
export function areProvenDifferent(
  a: Pick<BestAnswer<unknown>, 'tputPerGpu' | 'range'>,
  b: Pick<BestAnswer<unknown>, 'tputPerGpu' | 'range'>,
  /** What makes the two comparable, such as tokens per dollar for each of them. */
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
