import { z } from 'zod';
import { accuracyOf } from '../../derived/accuracy.ts';
import { type BestAnswer, defaultNeed, defaultTtftMs } from '../../derived/answer.ts';
import { arrivalPolicies } from '../../derived/arrival.ts';
import { speedStatistics } from '../../derived/candidate.ts';
import { defaultPayer, millionTokensPerUsd, payers } from '../../derived/cost.ts';
import { type DecisionRow, decide } from '../../derived/decision.ts';
import { parsePrecisionPolicy, precisionPolicyText } from '../../derived/precision-policy.ts';
import { tokenKinds } from '../../derived/throughput.ts';
import { isScoreOf, layoutName, oneChartAsked } from '../../identity/index.ts';
import { laterChartShape } from '../../identity/query-shape.ts';
import { candidateOf, type StoredCandidate, scoresByKey } from '../candidates.ts';
import { arrival } from '../documents/answer.ts';
import { gpuCounts, publishedVerdict, series, shape } from '../documents/columns.ts';
import { gpuNamed, seriesOfPoint, shapeOf } from '../documents/point-columns.ts';
import { shownPoints } from '../knowledge.ts';
import { pricesBy } from '../prices.ts';
import { publicName } from '../privacy.ts';
import { NotFound, question } from '../question.ts';
import { parameters } from './parameters.ts';

const statistic = z.enum(speedStatistics);

const figures = z.object({
  points: z
    .array(
      z.object({
        id: z.string(),
        conc: z.int().positive(),
        measuredAt: z.iso.datetime(),
        verdict: publishedVerdict,
      }),
    )
    .describe('The measured point, or two neighbouring concurrencies of one server'),
  share: z.number().describe('Position between the first and the second point, 0 to 1; 0 for a single point'),
  tputPerGpu: z.number().describe('Tokens per second per GPU, counting all GPUs of the server'),
  range: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe('Range of the throughput, from the measured points'),
  interactivity: z.number(),
  interactivityStatistic: statistic.describe('A stricter percentile, if the requested one is unknown'),
  ttftMs: z.number().nullable().describe('TTFT at the requested percentile'),
  p99TtftMs: z.number().nullable().describe('TTFT at p99, whatever percentile was requested'),
});

const accuracy = z.object({
  state: z.enum(['passed', 'failed', 'unknown']).describe('unknown: its accuracy was not checked'),
  task: z.string().nullable(),
  score: z.number().nullable(),
  interval: z.tuple([z.number(), z.number()]).nullable().describe("Wilson's, 95 %"),
  conc: z
    .int()
    .positive()
    .nullable()
    .describe('The concurrency at which the questions were asked; null: unknown, or not checked'),
});

const row = figures.extend({
  hw: z.string(),
  gpu: z.string().nullable(),
  series,
  layout: z.string(),
  image: z.string(),
  gpus: gpuCounts,
  usdPerMillionTokens: z.number().nullable().describe('null: the price is unknown'),
  millionTokensPerUsd: z.number().nullable().describe('Its inverse'),
  usdPerGpuHour: z.number().nullable(),
  tokensPerSPerMw: z.number().nullable(),
  kwPerMtokPerS: z.number().nullable().describe('All-in kW per million tokens per second'),
  accuracy,
  measuredAt: z.iso.datetime().describe('Time of the older of its points'),
  verdict: publishedVerdict.describe('The worst verdict of its points'),
  arrival: arrival.describe(
    'Whether the interactivity, a mean over each reply, hides pauses: the worse of its points',
  ),
  beyondTtft: figures.nullable().describe('The best answer without the limit on time to first token'),
});

export const best = question({
  name: 'best',
  path: '/best',
  summary: 'What each hardware type delivers at a speed per user, within a time to first token',
  description:
    'For every hardware type, the best single server within the limits: a measured point, or an interpolation between two neighbouring concurrencies of the same server, never between different servers and never beyond the measured range. The front page and the cost page show the same answer. Hardware without an answer is in `absent` with its reason.',
  params: z.strictObject({
    model: parameters.model,
    isl: parameters.isl,
    osl: parameters.osl,
    ...laterChartShape,
    interactivity: parameters.medianInteractivity.describe('Minimum tokens per second per user'),
    interactivity_statistic: statistic
      .default(defaultNeed.speedStatistic)
      .describe('The percentile of users who get this speed'),
    ttft_ms: z
      .union([z.literal('none'), parameters.ttftMs])
      .default(defaultTtftMs)
      .describe('Maximum time to first token in ms; `none` for no limit'),
    ttft_statistic: statistic.default(defaultNeed.ttftStatistic),
    precision: parameters.precision
      .default('any')
      .describe(
        '`any`, `passed` for configurations that passed an accuracy check, or a precision such as `fp8`',
      ),
    tokens: z.enum(tokenKinds).default(defaultNeed.tokens).describe('Which tokens are counted and paid for'),
    arrival: z
      .enum(arrivalPolicies)
      .default(defaultNeed.arrival)
      .describe('`smooth` leaves out servers whose tokens arrive in bursts, or unknown how'),
    payer: z
      .enum(payers)
      .default(defaultPayer)
      .describe('Whose price to use, unless `usd_per_gpu_hour` is set'),
    usd_per_gpu_hour: parameters.usdPerGpuHour
      .optional()
      .describe('Your own price of a GPU-hour in $, for every GPU'),
    constants: z
      .string()
      .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'expected a month, such as 2026-04')
      .optional()
      .describe('Use prices and power as they were known in this month; the newest by default'),
  }),
  answer: z.object({
    shape,
    asked: z.object({
      interactivity: z.number(),
      interactivityStatistic: statistic,
      ttftMs: z.number().nullable().describe('null: no limit'),
      ttftStatistic: statistic,
      precision: z.string(),
      tokens: z.enum(tokenKinds),
      arrival: z.enum(arrivalPolicies),
      payer: z.enum([...payers, 'custom']),
    }),
    rows: z.array(row).describe('Highest throughput per GPU first'),
    absent: z.array(
      z.object({
        hw: z.string(),
        reason: z.enum([
          'no-speed',
          'no-throughput',
          'arrival',
          'too-slow',
          'late-first-token',
          'no-first-token',
          'other-precision',
          'accuracy',
        ]),
        fastest: z.number().exactOptional().describe('too-slow: the highest measured speed, tok/s per user'),
        soonestMs: z
          .number()
          .exactOptional()
          .describe('late-first-token: the shortest TTFT at that speed, ms'),
        precisions: z
          .array(z.string())
          .readonly()
          .exactOptional()
          .describe('other-precision: the measured precisions'),
        known: z.boolean().exactOptional().describe('arrival: whether that of any of its points is known'),
        checked: z.boolean().exactOptional().describe('accuracy: whether any of its points was checked'),
        statistic: statistic.exactOptional().describe('no-speed, no-first-token: the missing percentile'),
        tokens: z.enum(tokenKinds).exactOptional(),
      }),
    ),
    withoutPrice: z.array(z.string()).describe('Hardware without a price; set `usd_per_gpu_hour`'),
    withoutFigures: z
      .int()
      .describe('Number of points left out because their speed or throughput is unknown'),
    precisions: z
      .array(z.string())
      .describe('Precisions of the rows; if there are several, compare accuracy before speed'),
  }),
  ask: async (knowledge, asked) => {
    const { model, isl, osl, precision, payer, usd_per_gpu_hour: own, constants } = asked;
    const [points, scores] = await Promise.all([
      shownPoints(knowledge, oneChartAsked({ ...asked, precision: undefined })),
      knowledge.store.evals({}, { limit: 1000 }),
    ]);
    const [first] = points;
    if (first === undefined) throw new NotFound(`there are no measurements of ${model} ${isl}/${osl}`);
    const byKey = scoresByKey(
      scores.items.filter((one) => isScoreOf(one, model)),
      knowledge.gpus,
    );
    const ofModel = [...byKey.values()].flat();
    const prices = pricesBy(knowledge, payer, own, constants);
    const need = {
      speed: asked.interactivity,
      speedStatistic: asked.interactivity_statistic,
      ttftMs: asked.ttft_ms === 'none' ? null : asked.ttft_ms,
      ttftStatistic: asked.ttft_statistic,
      tokens: asked.tokens,
      arrival: asked.arrival,
    };
    const policy = parsePrecisionPolicy(precision);
    const decision = decide(
      points.map((point) => candidateOf(point, knowledge.gpus)),
      {
        need,
        policy,
        ...prices,
        accuracyOf: ({ scoreKey }) => accuracyOf(byKey.get(scoreKey) ?? [], ofModel),
      },
    );
    return {
      shape: shapeOf(first.row),
      asked: {
        interactivity: need.speed,
        interactivityStatistic: need.speedStatistic,
        ttftMs: need.ttftMs,
        ttftStatistic: need.ttftStatistic,
        precision: precisionPolicyText(policy),
        tokens: need.tokens,
        arrival: need.arrival,
        payer: own === undefined ? payer : ('custom' as const),
      },
      rows: decision.rows.map((one) => rowOf(one, knowledge)),
      absent: [...decision.absent],
      withoutPrice: [...decision.withoutPrice],
      withoutFigures: decision.withoutFigures,
      precisions: [...decision.precisions],
    };
  },
});

function rowOf(
  one: DecisionRow<StoredCandidate>,
  { gpus }: { readonly gpus: Parameters<typeof candidateOf>[1] },
) {
  const [first] = one.points;
  if (first === undefined) throw new Error('an answer has no points');
  const { row: measured } = first.point;
  return {
    hw: one.answer.hw,
    gpu: gpuNamed(one.answer.hw, gpus),
    series: seriesOfPoint(measured, gpus),
    layout: layoutName(measured),
    image: publicName(measured.image),
    gpus: first.gpus,
    ...figuresOf(one.answer),
    usdPerMillionTokens: one.usdPerMillion,
    millionTokensPerUsd: millionTokensPerUsd(one.usdPerMillion),
    usdPerGpuHour: one.usdPerGpuHour,
    tokensPerSPerMw: one.tokensPerSPerMw,
    kwPerMtokPerS: one.kwPerMtokPerS,
    accuracy:
      one.accuracy.state === 'unknown'
        ? { state: one.accuracy.state, task: null, score: null, interval: null, conc: null }
        : {
            state: one.accuracy.state,
            task: one.accuracy.score.task,
            score: one.accuracy.score.score,
            interval: pair(one.accuracy.interval),
            conc: one.accuracy.score.conc,
          },
    measuredAt: new Date(one.measuredAtS * 1000).toISOString(),
    verdict: one.verdict,
    arrival: { ...one.arrival },
    beyondTtft: one.beyondTtft === null ? null : figuresOf(one.beyondTtft),
  };
}

function figuresOf(answer: BestAnswer<StoredCandidate>) {
  const { at, tputPerGpu, range, speed, speedStatistic, ttftMs, p99TtftMs } = answer;
  const points = at.kind === 'measured' ? [at.point] : at.points;
  return {
    points: points.map(({ id, conc, point, verdict }) => ({
      id,
      conc,
      verdict,
      measuredAt: point.measuredAt,
    })),
    share: at.kind === 'measured' ? 0 : at.share,
    tputPerGpu,
    range: pair(range),
    ttftMs,
    p99TtftMs,
    interactivity: speed,
    interactivityStatistic: speedStatistic,
  };
}

function pair(range: readonly [number, number] | null): [number, number] | null {
  return range === null ? null : [range[0], range[1]];
}
