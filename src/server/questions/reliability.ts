import { z } from 'zod';
import { reliabilityDocument, reliabilityOf } from '../documents/reliability.ts';
import { question } from '../question.ts';
import { parameters } from './parameters.ts';

export const reliability = question({
  name: 'reliability',
  path: '/reliability',
  summary: 'How often attempts led to a measurement',
  description:
    'Tries at points and starts of engines by hardware and engine, classes of failure, tries by day, and jobs of a CI where only these are known.',
  params: z.strictObject({ hw: parameters.hw.optional(), framework: parameters.framework.optional() }),
  answer: reliabilityDocument,
  ask: reliabilityOf,
});
