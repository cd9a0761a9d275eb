import { bestAt } from '../../../../src/derived/best-at.ts';
import { costPerMillion, type GpuPrice } from '../../../../src/derived/cost.ts';
import { paretoFrontier } from '../../../../src/derived/frontier.ts';
import { interactivityMeasure, type Measure, type statistics } from '../../../../src/derived/measures.ts';
import { overAllGpus, type ThroughputPerGpu, type TokenKind } from '../../../../src/derived/throughput.ts';
import { type Gpus, measuredPoint } from '../../data/measured.ts';
import { intervalOf, metricOf, type PublishedPoint } from '../../data/points.ts';

export interface CostQuestion {
  readonly tokens: TokenKind;
  readonly statistic: (typeof statistics)[number];
  /** tok/s/user that must be reached. */
  readonly target: number;
  /** Null where no price is known for the hardware. */
  priceOf(hw: string): GpuPrice | null;
}

export interface CostAnswer {
  readonly hw: string;
  /** $ per million tokens. */
  readonly usd: number;
  /**
   * What it can be by what was measured: the costs of both points it lies between, widened by the 95 % intervals of
   * their throughputs. Null where it is one point without an interval.
   */
  readonly range: readonly [number, number] | null;
  /** Tokens per second over every GPU that must be paid for. */
  readonly tputPerGpu: number;
  /** The measured points it rests on. */
  readonly points: readonly PublishedPoint[];
}

export interface CostRanking {
  /** The cheapest first. */
  readonly answers: readonly CostAnswer[];
  /** Hardware that was never measured at the target or above. */
  readonly outOfReach: readonly string[];
  readonly withoutPrice: readonly string[];
  /** Points of which the speed or the throughput is not known. */
  readonly withoutFigures: number;
}

interface Placed {
  readonly point: PublishedPoint;
  readonly x: number;
  readonly y: number;
}

/** What a million tokens cost on each hardware, at a speed that every answer reaches. */
export function costRanking(
  points: readonly PublishedPoint[],
  gpus: Gpus,
  question: CostQuestion,
): CostRanking {
  const speed = interactivityMeasure(question.statistic);
  const answers: CostAnswer[] = [];
  const outOfReach: string[] = [];
  const withoutPrice: string[] = [];
  let withoutFigures = 0;
  for (const [hw, members] of Map.groupBy(points, ({ series }) => series.hw)) {
    const price = question.priceOf(hw);
    const placed = members.flatMap((point) => placedOf(point, gpus, speed, question.tokens));
    withoutFigures += members.length - placed.length;
    if (placed.length === 0) continue;
    if (price === null) {
      withoutPrice.push(hw);
      continue;
    }
    const answer = answerOf(hw, placed, price, question);
    if (answer === null) outOfReach.push(hw);
    else answers.push(answer);
  }
  return { answers: answers.toSorted((a, b) => a.usd - b.usd), outOfReach, withoutPrice, withoutFigures };
}

function answerOf(
  hw: string,
  placed: readonly Placed[],
  price: GpuPrice,
  question: CostQuestion,
): CostAnswer | null {
  const frontier = paretoFrontier(placed, (one) => one, { x: 'higher', y: 'higher' });
  const best = bestAt(frontier, (one) => one, question.target, 'higher');
  if (best.kind === 'out-of-reach') return null;
  const items = best.kind === 'measured' ? [best.item] : best.items;
  const cost = (perGpu: number) =>
    costPerMillion({ tokens: question.tokens, dividedBy: 'all', perGpu }, price)?.usd ?? null;
  const usd = cost(best.y);
  if (usd === null) return null;
  const bounds = items.flatMap((item) => [
    item.y,
    ...(throughputInterval(item.point, question.tokens) ?? []),
  ]);
  const costs = bounds.map(cost).filter((value) => value !== null);
  const range = [Math.min(...costs), Math.max(...costs)] as const;
  return {
    hw,
    usd,
    range: range[0] === range[1] ? null : range,
    tputPerGpu: best.y,
    points: items.map(({ point }) => point),
  };
}

function placedOf(point: PublishedPoint, gpus: Gpus, speed: Measure, tokens: TokenKind): Placed[] {
  const x = speed.of(measuredPoint(point, gpus));
  const own = metricOf(point, `${tokens}TputPerGpu`);
  return x === null || own === null ? [] : [{ point, x, y: payable(point, tokens, own) }];
}

function throughputInterval(point: PublishedPoint, tokens: TokenKind): readonly number[] | null {
  return intervalOf(point, `${tokens}TputPerGpu`)?.map((bound) => payable(point, tokens, bound)) ?? null;
}

/** Prefill and decode GPUs are both paid for, whichever tokens are counted. */
function payable(point: PublishedPoint, tokens: TokenKind, perGpu: number): number {
  const own: ThroughputPerGpu = { tokens, dividedBy: tokens === 'total' ? 'all' : 'own', perGpu };
  return overAllGpus(own, point.gpus).perGpu;
}
