import { z } from 'zod';
import { paretoFrontier } from '../../derived/frontier.ts';
import { oneChartAsked } from '../../identity/index.ts';
import { laterChartShape } from '../../identity/query-shape.ts';
import type { FrontierPoint } from '../../store/index.ts';
import { publishedVerdict, series, shape } from '../documents/columns.ts';
import { gpuNamed, seriesNamed, shapeNamed } from '../documents/point-columns.ts';
import { NotFound, question } from '../question.ts';
import { parameters } from './parameters.ts';

/** A point for which both figures of a frontier are known. */
interface PlacedPoint extends FrontierPoint {
  readonly medianInteractivity: number;
  readonly totalTputPerGpu: number;
}

export const latestFrontier = question({
  name: 'latest_frontier',
  path: '/frontier',
  summary: 'The Pareto frontier of each hardware type for a model and shape',
  description:
    'Throughput of all tokens per GPU over median interactivity, of the latest measurements. Its points may be of different servers; use `best` for what one server delivers at a speed.',
  params: z.strictObject({
    model: parameters.model,
    isl: parameters.isl,
    osl: parameters.osl,
    precision: parameters.precision.optional(),
    ...laterChartShape,
  }),
  answer: z.object({
    shape,
    frontiers: z.array(
      z.object({
        hw: z.string(),
        gpu: z.string().nullable().describe('null: this hardware has no known constants'),
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
    withoutFigures: z
      .int()
      .describe('Number of latest points left out because one of the two figures is unknown'),
  }),
  ask: async (knowledge, asked) => {
    const points = await knowledge.store.frontierPoints(oneChartAsked(asked));
    const [first] = points;
    if (first === undefined)
      throw new NotFound(`there are no measurements of ${asked.model} ${asked.isl}/${asked.osl}`);
    const placed = points.filter(
      (point): point is PlacedPoint => point.medianInteractivity !== null && point.totalTputPerGpu !== null,
    );
    const byHardware = Map.groupBy(placed, ({ hw }) => hw);
    return {
      shape: shapeNamed(first),
      frontiers: [...byHardware].map(([hw, members]) => ({
        hw,
        gpu: gpuNamed(hw, knowledge.gpus),
        points: paretoFrontier(members, position, { x: 'higher', y: 'higher' }).map((point) => ({
          id: point.id,
          series: seriesNamed(point, knowledge.gpus),
          conc: point.conc,
          medianInteractivity: point.medianInteractivity,
          totalTputPerGpu: point.totalTputPerGpu,
          measuredAt: point.measuredAt,
          verdict: point.verdict,
        })),
      })),
      withoutFigures: points.length - placed.length,
    };
  },
});

function position({ medianInteractivity: x, totalTputPerGpu: y }: PlacedPoint) {
  return { x, y };
}
