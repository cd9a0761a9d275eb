import { z } from 'zod';
import { type BestAt, bestAt } from '../../derived/best-at.ts';
import { costPerMillion, defaultPayer, payers } from '../../derived/cost.ts';
import { paretoFrontier } from '../../derived/frontier.ts';
import { type ThroughputPerGpu, tokenKinds } from '../../derived/throughput.ts';
import { laterChartShape, oneChartAsked } from '../../identity/index.ts';
import type { FrontierPoint } from '../../store/index.ts';
import { publishedVerdict, series, shape } from '../documents/columns.ts';
import { frontiersOf, level, levelsOf, placedOf, rankingAt, verdictOf } from '../documents/overview.ts';
import { gpuNamed, seriesNamed, shapeNamed } from '../documents/point-columns.ts';
import { NotFound, question } from '../question.ts';
import { parameters } from './parameters.ts';

const shapeParameters = {
  model: parameters.model,
  isl: parameters.isl,
  osl: parameters.osl,
  precision: parameters.precision.optional(),
  ...laterChartShape,
};

interface AskedShape {
  readonly model: string;
  readonly isl: number;
  readonly osl: number;
}

function nothingOf({ model, isl, osl }: AskedShape): NotFound {
  return new NotFound(`nothing was measured of ${model} ${isl}/${osl}`);
}

export const latestFrontier = question({
  name: 'latest_frontier',
  path: '/frontier',
  summary: 'The Pareto frontier of each hardware for a model and shape',
  description:
    'Throughput of all tokens per GPU over median interactivity, of the latest measurements, and the ranking of hardware at several levels of interactivity. Between two measured points the straight line is used; beyond the last one nothing is said.',
  params: z.strictObject({
    ...shapeParameters,
    interactivity: parameters.medianInteractivity.optional().describe('One level instead of several'),
  }),
  answer: z.object({
    shape,
    frontiers: z.array(
      z.object({
        hw: z.string(),
        gpu: z.string().nullable().describe('null: no constants are known for this hardware'),
        points: z.array(
          z.object({
            id: z.string(),
            series,
            conc: z.int().positive(),
            medianInteractivity: z.number(),
            totalTputPerGpu: z.number(),
            measuredAt: z.iso.datetime(),
            verdict: publishedVerdict,
          }),
        ),
      }),
    ),
    levels: z.array(level),
    withoutFigures: z
      .int()
      .describe('Latest points of which one of the two figures is not known: they are on no frontier'),
  }),
  ask: async (knowledge, asked) => {
    const { interactivity } = asked;
    const points = await knowledge.store.frontierPoints(oneChartAsked(asked));
    const [first] = points;
    if (first === undefined) throw nothingOf(asked);
    const placed = placedOf(points);
    const frontiers = frontiersOf(placed);
    const all = [...frontiers.values()].flat();
    const levels =
      interactivity === undefined ? levelsOf(all.map((one) => one.medianInteractivity)) : [interactivity];
    return {
      shape: shapeNamed(first),
      frontiers: [...frontiers].map(([hw, frontier]) => ({
        hw,
        gpu: gpuNamed(hw, knowledge.gpus),
        points: frontier.map((point) => ({
          id: point.id,
          series: seriesNamed(point, knowledge.gpus),
          conc: point.conc,
          medianInteractivity: point.medianInteractivity,
          totalTputPerGpu: point.totalTputPerGpu,
          measuredAt: point.measuredAt,
          verdict: point.verdict,
        })),
      })),
      levels: levels.map((one) => rankingAt(knowledge, frontiers, one)),
      withoutFigures: points.length - placed.length,
    };
  },
});

export const costRanking = question({
  name: 'cost_ranking',
  path: '/cost',
  summary: 'Which hardware serves a model cheapest at a level of interactivity',
  description:
    "Cost per million tokens of the best latest point of each hardware that reaches the level, cheapest first. The price is a payer's by the constants of each GPU, or one of your own for every GPU. Output tokens of a disaggregated engine are divided by its decode GPUs, input tokens by its prefill GPUs, as the public figures are.",
  params: z.strictObject({
    ...shapeParameters,
    interactivity: parameters.medianInteractivity,
    tokens: z.enum(tokenKinds).default('total').describe('Which tokens are paid for'),
    payer: z.enum(payers).default(defaultPayer).describe('Whose price, where none of your own is given'),
    usd_per_gpu_hour: parameters.usdPerGpuHour.optional().describe('A price of your own for every GPU'),
  }),
  answer: z.object({
    shape,
    medianInteractivity: z.number(),
    tokens: z.enum(tokenKinds),
    payer: z.enum([...payers, 'custom']),
    ranking: z.array(
      z.object({
        hw: z.string(),
        gpu: z.string().nullable(),
        usdPerMillionTokens: z.number(),
        range: z
          .tuple([z.number(), z.number()])
          .nullable()
          .describe('Costs at the two measured neighbours of an interpolated figure, cheapest first'),
        usdPerGpuHour: z.number(),
        tputPerGpu: z.number(),
        series: z.array(series),
        points: z.array(z.string()).describe('Ids: the point itself, or the two it is interpolated between'),
        measuredAt: z.iso.datetime().describe('The older of those'),
        verdict: publishedVerdict.describe('Suspect where one of those is'),
      }),
    ),
    outOfReach: z.array(z.string()).describe('Hardware that was measured, but never at this level'),
    withoutPrice: z.array(z.string()).describe('Hardware without constants: give a price of your own'),
    withoutFigures: z
      .int()
      .describe('Latest points of which the interactivity or the throughput is not known: they are left out'),
  }),
  ask: async (knowledge, asked) => {
    const { interactivity, tokens, payer, usd_per_gpu_hour: own } = asked;
    const points = await knowledge.store.frontierPoints(oneChartAsked(asked));
    const [first] = points;
    if (first === undefined) throw nothingOf(asked);
    const position = (one: FrontierPoint) => ({
      x: one.medianInteractivity ?? Number.NaN,
      y: one[`${tokens}TputPerGpu`] ?? Number.NaN,
    });
    const placed = points.filter(
      (one) => one.medianInteractivity !== null && one[`${tokens}TputPerGpu`] !== null,
    );
    const found = [...Map.groupBy(placed, ({ hw }) => hw)].map(([hw, members]) => {
      const frontier = paretoFrontier(members, position, { x: 'higher', y: 'higher' });
      const gpu = gpuNamed(hw, knowledge.gpus);
      const constants = knowledge.gpus.find((one) => one.gpu === gpu);
      const price = own ?? constants?.usdPerGpuHour[payer].value;
      return { hw, gpu, price, best: bestAt(frontier, position, interactivity, 'higher') };
    });
    return {
      shape: shapeNamed(first),
      medianInteractivity: interactivity,
      tokens,
      payer: own === undefined ? payer : ('custom' as const),
      ranking: found
        .flatMap(({ hw, gpu, price, best }) => {
          if (best.kind === 'out-of-reach' || price === undefined) return [];
          const cost = costOf(tokens, price);
          const usd = cost(best.y);
          if (usd === null) return [];
          return [
            { hw, gpu, usdPerMillionTokens: usd, usdPerGpuHour: price, ...restingOn(knowledge, best, cost) },
          ];
        })
        .toSorted((a, b) => a.usdPerMillionTokens - b.usdPerMillionTokens),
      outOfReach: found.flatMap(({ hw, best }) => (best.kind === 'out-of-reach' ? [hw] : [])),
      withoutPrice: found.flatMap(({ hw, price, best }) =>
        price === undefined && best.kind !== 'out-of-reach' ? [hw] : [],
      ),
      withoutFigures: points.length - placed.length,
    };
  },
});

function costOf(tokens: ThroughputPerGpu['tokens'], usdPerGpuHour: number) {
  const dividedBy = tokens === 'total' ? 'all' : 'own';
  return (perGpu: number) => costPerMillion({ tokens, dividedBy, perGpu }, { usdPerGpuHour })?.usd ?? null;
}

function restingOn(
  { gpus }: Parameters<typeof rankingAt>[0],
  best: Exclude<BestAt<FrontierPoint>, { readonly kind: 'out-of-reach' }>,
  cost: (perGpu: number) => number | null,
) {
  const rests = best.kind === 'measured' ? [best.item] : best.items;
  const restsOn = new Map(rests.map((one) => seriesNamed(one, gpus)).map((one) => [one.key, one]));
  const ends = best.kind === 'measured' ? [] : best.range.map(cost);
  const [cheapest, dearest] = ends;
  const range: [number, number] | null =
    typeof cheapest === 'number' && typeof dearest === 'number' ? [cheapest, dearest] : null;
  return {
    range,
    tputPerGpu: best.y,
    series: [...restsOn.values()],
    points: rests.map(({ id }) => id),
    measuredAt: rests.map(({ measuredAt }) => measuredAt).toSorted()[0] ?? '',
    verdict: verdictOf(rests),
  };
}
