import { z } from 'zod';
import { reliabilityDocument, reliabilityOf } from '../documents/reliability.ts';
import { question } from '../question.ts';
import { parameters } from './parameters.ts';

export const reliability = question({
  name: 'reliability',
  path: '/reliability',
  summary: 'How often attempts led to a measurement',
  description:
    'Attempts at points and engine starts by hardware and engine, failure classes, attempts by day, and CI jobs if only these are known.',
  params: z.strictObject({ hw: parameters.hw.optional(), framework: parameters.framework.optional() }),
  answer: reliabilityDocument,
  ask: reliabilityOf,
});
