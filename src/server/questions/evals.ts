import { z } from 'zod';
import { subjectAsked } from '../../identity/index.ts';
import { evalOf, evalScore, isJudged } from '../documents/evals.ts';
import { question } from '../question.ts';
import { asPage, next, pageParameters, parameters } from './parameters.ts';

export const evals = question({
  name: 'evals',
  path: '/evals',
  summary: 'Accuracy scores, newest first',
  description:
    'Scores of accuracy tasks with the configuration that was served, so that speed is not bought with wrong answers.',
  params: z.strictObject({
    model: parameters.model.optional(),
    hw: parameters.hw.optional(),
    framework: parameters.framework.optional(),
    precision: parameters.precision.optional(),
    task: z.string().min(1).max(300).optional().describe('Such as `gsm8k`'),
    ...pageParameters,
  }),
  answer: z.object({ evals: z.array(evalScore), next }),
  ask: async (knowledge, { limit, cursor, task, ...asked }) => {
    // Scores are stored with their hardware in lower case, like rows.
    const filter = { ...subjectAsked({ ...asked, hw: asked.hw?.toLowerCase() }), task };
    const page = await asPage(knowledge.store.evals(filter, { limit, cursor }));
    return {
      evals: page.items.filter(isJudged).map((one) => evalOf(knowledge, one)),
      next: page.next ?? null,
    };
  },
});
