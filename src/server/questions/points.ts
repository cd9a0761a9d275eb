import { z } from 'zod';
import { filterAsked } from '../../identity/index.ts';
import { queryShape } from '../../identity/query-shape.ts';
import { pointDocument, pointKind } from '../documents/point.ts';
import { found, NotFound, question } from '../question.ts';
import { asPage, next, pageParameters, parameters } from './parameters.ts';
import { pointView, viewOf } from './point-view.ts';

export const points = question({
  name: 'points',
  path: '/points',
  summary: 'Published measurements, newest first',
  description: 'All publishable measurements with the requested values.',
  params: z.strictObject({
    ...queryShape,
    run: parameters.run.optional(),
    since: parameters.time.optional().describe('Measured at or after this time'),
    until: parameters.time.optional().describe('Measured before this time'),
    ...pageParameters,
  }),
  answer: z.object({ points: z.array(pointView), next }),
  ask: async ({ store, gpus }, asked) => {
    const { run, limit, cursor, since, until } = asked;
    const filter = { ...filterAsked(asked), sweepId: run, since, until };
    const page = await asPage(store.points(filter, { limit, cursor }));
    return { points: page.items.map((one) => viewOf(one, gpus)), next: page.next ?? null };
  },
});

export const point = question({
  name: 'point',
  path: '/points/{id}',
  summary: 'Everything about one measurement',
  description:
    'How it was served, how far it can be trusted, its distributions, its course over time, the command that measures it again and the raw result.',
  params: z.strictObject({ id: z.string().min(1).max(300).describe("A point's id") }),
  answer: pointDocument,
  ask: async (knowledge, { id }) => found(await pointKind.build(knowledge, { id }), `measurement ${id}`),
});

export const history = question({
  name: 'history',
  path: '/history/{configuration}',
  summary: 'Every measurement of one configuration, newest first',
  description: 'How a configuration changed over time, at one concurrency or at all.',
  params: z.strictObject({
    configuration: z.string().min(1).max(300).describe('The `configurationId` of a point'),
    conc: parameters.conc.optional(),
    ...pageParameters,
  }),
  answer: z.object({ points: z.array(pointView), next }),
  ask: async ({ store, gpus }, { configuration: configurationId, conc, limit, cursor }) => {
    const page = await asPage(store.points({ configurationId, conc }, { limit, cursor }));
    if (page.items.length === 0)
      throw new NotFound(`there are no measurements of configuration ${configurationId}`);
    return { points: page.items.map((one) => viewOf(one, gpus)), next: page.next ?? null };
  },
});
