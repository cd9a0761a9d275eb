import { z } from 'zod';
import { pathPart } from '../../derived/path-part.ts';
import { listedSweep, listedSweepsOf, sweepDocument, sweepKind } from '../documents/sweeps.ts';
import { found, question } from '../question.ts';
import { asPage, next, pageParameters } from './parameters.ts';

export const runs = question({
  name: 'runs',
  path: '/runs',
  summary: 'Runs, newest first',
  description: 'A run is a set of points measured together: a run directory, a CI run or an import.',
  params: z.strictObject(pageParameters),
  answer: z.object({ runs: z.array(listedSweep), next }),
  ask: async ({ store }, { limit, cursor }) => {
    const page = await asPage(store.sweeps({ limit, cursor }));
    return { runs: await listedSweepsOf({ store }, page.items), next: page.next ?? null };
  },
});

export const oneSweep = question({
  name: 'run',
  path: '/runs/{id}',
  summary: 'One run: its published points and its failures',
  description:
    'Its points by model and shape in columns, and every attempt that ended without a measurement.',
  params: z.strictObject({ id: z.string().min(1).max(300).describe("A run's id") }),
  answer: sweepDocument,
  ask: async (knowledge, { id }) =>
    found(await sweepKind.build(knowledge, { run: pathPart(id) }), `run ${id}`),
});
