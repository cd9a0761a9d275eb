import { z } from 'zod';
import { InputError } from '../../errors.ts';
import { filterAsked } from '../../identity/index.ts';
import { laterChartShape } from '../../identity/query-shape.ts';
import {
  compare as compareSides,
  measuredPoint,
  namedPoints,
  repeatsOf,
  type Side,
  sideIn,
} from '../../results/index.ts';
import type { Store } from '../../store/index.ts';
import { publicName } from '../privacy.ts';
import { BadQuestion, NotFound, question } from '../question.ts';
import { parameters } from './parameters.ts';

const judgement = z.enum(['better', 'worse', 'same', 'not comparable']);

const change = z.object({
  judgement,
  why: z.string().optional().describe('Why it is not comparable, or a reservation'),
  a: z.number().optional(),
  b: z.number().optional(),
  change: z.number().optional().describe('Relative change from A to B: 0.02 is 2 % more'),
  interval: z
    .tuple([z.number(), z.number()])
    .readonly()
    .optional()
    .describe('95 % confidence interval of the change'),
  p: z.number().optional().describe('The probability of a difference this large if nothing changed'),
  adjustedP: z.number().optional().describe('The same, adjusted for all comparisons made together'),
  noise: z.string().optional().describe('The source of the noise estimate'),
});

const metricChange = change.extend({ metric: z.string(), better: z.enum(['higher', 'lower']) });

const comparison = z.object({
  a: z.string(),
  b: z.string(),
  curves: z
    .array(
      z.object({
        curve: z.string(),
        title: z.string().describe('Readable title with the names of its model, engine and hardware'),
        frontier: metricChange
          .partial({ metric: true, better: true })
          .describe('Change in the area dominated by the frontier of throughput over interactivity'),
        points: z
          .array(
            z.object({
              point: z.string(),
              judgement,
              why: z.string().optional(),
              metrics: z.array(metricChange).readonly(),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
  points: z.record(judgement, z.int().nonnegative()).describe('Number of points by judgement'),
  method: z.array(z.string()).readonly().describe('The test, in words'),
  warnings: z.array(z.string()).readonly(),
});

/** Comparing more points per side takes too long, so a question must then be narrowed down. */
const mostPoints = 2000;
const noiseDays = 90;

const side = z.string().min(1).max(300);

export const compare = question({
  name: 'compare',
  path: '/compare',
  summary: 'What became better or worse between two runs or dates',
  description:
    'Point by point and curve by curve, by a stated test with the noise of repeated runs in the store. A side is a run by its id, a date for what was the latest at its end, a time, or `latest`.',
  params: z.strictObject({
    a: side.describe('The side before'),
    b: side.describe('The side after'),
    model: parameters.model.optional(),
    isl: parameters.isl.optional(),
    osl: parameters.osl.optional(),
    hw: parameters.hw.optional(),
    framework: parameters.framework.optional(),
    precision: parameters.precision.optional(),
    ...laterChartShape,
  }),
  answer: comparison,
  takesLong: true,
  ask: async ({ store }, { a, b, ...asked }) => {
    const filter = filterAsked(asked);
    const [sideA, sideB] = [await sideOf('a', a, store, filter), await sideOf('b', b, store, filter)];
    return compareSides(
      sideA.points.map(publicPoint),
      sideB.points.map(publicPoint),
      repeatsOf(sideA, sideB),
      {
        a: sideA.name,
        b: sideB.name,
      },
    );
  },
});

/** A point with its public names. */
function publicPoint(point: Side['points'][number]): ReturnType<typeof measuredPoint> {
  const { row, ...rest } = measuredPoint(point);
  return { ...rest, row: { ...row, model: publicName(row.model), image: publicName(row.image) } };
}

async function sideOf(
  parameter: 'a' | 'b',
  word: string,
  store: Store,
  filter: Parameters<typeof namedPoints>[2],
): Promise<Side> {
  const found = await namedPoints(word, store, filter).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    throw new BadQuestion(error.problems.map(({ message }) => ({ parameter, message })));
  });
  if (found === undefined || found.points.length === 0)
    throw new NotFound(`'${word}' (${parameter}) has no matching points`);
  if (found.points.length > mostPoints) {
    const message = `${found.points.length} points are more than ${mostPoints}; narrow the question down by model, isl, osl or hw`;
    throw new BadQuestion([{ parameter, message }]);
  }
  return await sideIn(store, found, noiseDays);
}
