import type { ApiQuestion } from '../question.ts';
import { best } from './best.ts';
import { changelog, hardware, index } from './catalogue.ts';
import { compare } from './compare.ts';
import { evals } from './evals.ts';
import { latestFrontier } from './frontier.ts';
import { history, point, points } from './points.ts';
import { reliability } from './reliability.ts';
import { search } from './search.ts';
import { oneSweep, runs } from './sweeps.ts';

/** Every question of the HTTP API and the MCP server. */
export const questions: readonly ApiQuestion[] = [
  index,
  search,
  latestFrontier,
  best,
  compare,
  points,
  point,
  history,
  runs,
  oneSweep,
  evals,
  reliability,
  hardware,
  changelog,
];
