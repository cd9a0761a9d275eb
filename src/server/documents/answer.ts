import { z } from 'zod';
import { type Accuracy, accuracyByKey } from '../../derived/accuracy.ts';
import { defaultNeed, type Need } from '../../derived/answer.ts';
import { arrivalPolicies } from '../../derived/arrival.ts';
import { speedStatistics } from '../../derived/candidate.ts';
import { defaultPayer } from '../../derived/cost.ts';
import { decide, type HardwareDecision } from '../../derived/decision.ts';
import { type Envelope, envelopesOf } from '../../derived/envelope.ts';
import { type CandidateInColumns, candidateOf, pointsIn } from '../../derived/points-in-columns.ts';
import { readingsOf } from '../../derived/readings.ts';
import { roundSpeed } from '../../derived/round-speed.ts';
import { tokenKinds } from '../../derived/throughput.ts';
import { decisionWith, envelopeWith } from '../../derived/with-points.ts';
import { isScoreOf, scoreKey, scoreKeyOfSeries } from '../../identity/index.ts';
import type { Knowledge } from '../knowledge.ts';
import { pricesBy } from '../prices.ts';
import { gpuCounts, publishedVerdict, series, shape } from './columns.ts';
import { documentKind } from './document.ts';
import { type evalScore, newestScores } from './evals.ts';
import { type shapeDocument, shapeDocumentOf, shapeKind } from './shape.ts';

const statistic = z.enum(speedStatistics);
/** An index into the document's `points`. */
const place = z.int().nonnegative();
const range = z.tuple([z.number(), z.number()]).readonly().nullable();

const bestAnswer = z.object({
  hw: z.string(),
  at: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('measured'), point: place }),
    z.object({ kind: z.literal('between'), points: z.tuple([place, place]).readonly(), share: z.number() }),
  ]),
  tputPerGpu: z.number(),
  range,
  speed: z.number(),
  speedStatistic: statistic,
  ttftMs: z.number().nullable(),
  p99TtftMs: z.number().nullable(),
});

const accuracy = z.discriminatedUnion('state', [
  z.object({ state: z.literal('unknown') }),
  z.object({
    state: z.enum(['passed', 'failed']),
    score: z.object({
      task: z.string(),
      metric: z.string(),
      score: z.number(),
      samples: z.int().nonnegative().nullable(),
      gate: z.enum(['pass', 'fail', 'not-judged']).nullable(),
      measuredAt: z.iso.datetime(),
      /** The concurrency at which the questions were asked; null if unknown. */
      conc: z.int().positive().nullable(),
    }),
    interval: range,
    reference: z.number(),
  }),
]);

/** How tokens arrive, by the p99 gap between them. */
export const arrival = z.discriminatedUnion('state', [
  z.object({
    state: z.enum(['smooth', 'bursts']),
    gapMs: z.number().describe('The p99 gap between tokens (p99 ITL)'),
  }),
  z.object({ state: z.literal('unknown') }),
]);

const hw = z.string();
const absence = z.discriminatedUnion('reason', [
  z.object({ hw, reason: z.literal('no-speed'), statistic }),
  z.object({ hw, reason: z.literal('no-throughput'), tokens: z.enum(tokenKinds) }),
  z.object({ hw, reason: z.literal('arrival'), known: z.boolean() }),
  z.object({ hw, reason: z.literal('too-slow'), fastest: z.number() }),
  z.object({ hw, reason: z.literal('late-first-token'), soonestMs: z.number() }),
  z.object({ hw, reason: z.literal('no-first-token'), statistic }),
  z.object({ hw, reason: z.literal('other-precision'), precisions: z.array(z.string()).readonly() }),
  z.object({ hw, reason: z.literal('accuracy'), checked: z.boolean() }),
]);

/** `answers/<key>`: the answer for a model and shape that the front page shows by default. */
export const answerDocument = z.object({
  shape,
  need: z.object({
    speed: z.number(),
    speedStatistic: statistic,
    ttftMs: z.number().nullable(),
    ttftStatistic: statistic,
    tokens: z.enum(tokenKinds),
    arrival: z.enum(arrivalPolicies),
  }),
  /** The default speed for each percentile of users. */
  roundSpeeds: z.record(statistic, z.number()),
  series: z.array(series),
  /** The points on which the answers are based. */
  points: z.array(
    z.object({
      id: z.string(),
      /** An index into `series`. */
      series: z.int().nonnegative(),
      layout: z.string(),
      conc: z.int().positive(),
      gpus: gpuCounts,
      verdict: publishedVerdict,
      /** Unix time in seconds. */
      measuredAtS: z.number(),
    }),
  ),
  decision: z.object({
    rows: z
      .array(
        z.object({
          answer: bestAnswer,
          points: z.array(place).readonly(),
          accuracy,
          verdict: publishedVerdict,
          arrival,
          measuredAtS: z.number(),
          usdPerGpuHour: z.number().nullable(),
          usdPerMillion: z.number().nullable(),
          tokensPerSPerMw: z.number().nullable(),
          kwPerMtokPerS: z.number().nullable(),
          beyondTtft: bestAnswer.nullable(),
        }),
      )
      .readonly(),
    absent: z.array(absence).readonly(),
    withoutPrice: z.array(z.string()).readonly(),
    withoutFigures: z.int().nonnegative(),
    precisions: z.array(z.string()).readonly(),
  }),
  /** The answers of each hardware type at every speed. */
  envelopes: z.array(
    z.object({
      hw: z.string(),
      places: z.array(z.object({ speed: z.number(), answer: bestAnswer })).readonly(),
    }),
  ),
});

export const answerKind = documentKind<typeof answerDocument, 'shape'>({
  path: 'answers/{shape}',
  summary: 'What each hardware type delivers for a model and shape, for the default question.',
  schema: answerDocument,
  all: shapeKind.all,
  build: async (knowledge, { shape: key }) => {
    // Built from the document instead of the store, because the page computes the answers to other questions
    // from the same numbers.
    const document = await shapeDocumentOf(knowledge, key);
    if (document === undefined) return undefined;
    const answered = answeredOf(document, await newestScores(knowledge), knowledge);
    return { shape: document.shape, ...inPlaces(answered) };
  },
});

type Series = z.infer<typeof series>;

function answeredOf(
  document: z.infer<typeof shapeDocument>,
  evals: readonly z.infer<typeof evalScore>[],
  knowledge: Pick<Knowledge, 'gpus'>,
) {
  const { modelPrefix } = document.shape;
  const candidates = pointsIn(document).map((point) => candidateOf(point));
  const roundSpeeds = {
    median: roundSpeed(candidates, 'median'),
    p90: roundSpeed(candidates, 'p90'),
    p99: roundSpeed(candidates, 'p99'),
  };
  const need: Need = { ...defaultNeed, speed: roundSpeeds[defaultNeed.speedStatistic] };
  const judged = accuracyByKey(
    evals.filter((one) => isScoreOf(one, modelPrefix)),
    scoreKey,
  );
  const readings = readingsOf(candidates, need);
  const decision = decide(
    candidates,
    {
      need,
      policy: 'any',
      ...pricesBy(knowledge, defaultPayer),
      accuracyOf: ({ point }) => judged(scoreKeyOfSeries(point.series, modelPrefix)),
    },
    readings,
  );
  return { need, roundSpeeds, decision, envelopes: envelopesOf(readings, need) };
}

/** The same decision with each point stored once, and answers referring to points by index. */
function inPlaces({
  decision,
  envelopes,
  ...rest
}: {
  readonly need: Need;
  readonly roundSpeeds: Readonly<Record<(typeof speedStatistics)[number], number>>;
  readonly decision: HardwareDecision<CandidateInColumns<Series>>;
  readonly envelopes: readonly Envelope<CandidateInColumns<Series>>[];
}) {
  const points = new Places<CandidateInColumns<Series>>();
  const allSeries = new Places<Series>();
  const { rows, ...known } = decisionWith(decision, points.of);
  return {
    ...rest,
    decision: { ...known, rows: rows.map((row) => ({ ...row, accuracy: accuracyOnly(row.accuracy) })) },
    envelopes: envelopes.map((one) => envelopeWith(one, points.of)),
    points: points.values.map(({ id, point, conc, gpus, verdict, measuredAtS }) => ({
      id,
      series: allSeries.of(point.series),
      layout: point.layout,
      conc,
      gpus,
      verdict,
      measuredAtS,
    })),
    series: allSeries.values,
  };
}

/** The accuracy without the subject of its score. */
function accuracyOnly(accuracy: Accuracy): Accuracy {
  if (accuracy.state === 'unknown') return accuracy;
  const { task, metric, score, samples, gate, measuredAt, conc } = accuracy.score;
  return { ...accuracy, score: { task, metric, score, samples, gate, measuredAt, conc } };
}

/** Distinct values in order of first use. */
class Places<Value> {
  readonly #places = new Map<Value, number>();
  readonly values: Value[] = [];

  readonly of = (value: Value): number => {
    const known = this.#places.get(value) ?? this.values.push(value) - 1;
    this.#places.set(value, known);
    return known;
  };
}
