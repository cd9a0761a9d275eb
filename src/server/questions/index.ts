import type { Question } from '../question.ts';
import { best } from './best.ts';
import { changelog, hardware, index } from './catalogue.ts';
import { compare } from './compare.ts';
import { evals } from './evals.ts';
import { latestFrontier } from './frontier.ts';
import { history, point, points } from './points.ts';
import { reliability } from './reliability.ts';
import { oneRun, runs } from './runs.ts';
import { search } from './search.ts';

/** Every question that can be asked over HTTP and by MCP. */
export const questions: readonly Question[] = [
  index,
  search,
  latestFrontier,
  best,
  compare,
  points,
  point,
  history,
  runs,
  oneRun,
  evals,
  reliability,
  hardware,
  changelog,
];
