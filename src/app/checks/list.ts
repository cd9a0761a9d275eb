import { answers } from './answers.ts';
import type { Check } from './check.ts';
import { dataSet } from './data-set.ts';
import { dummyWeights, fit } from './fit.ts';
import { framework, precision } from './framework.ts';
import { image, imageVersion } from './image.ts';
import { accelerators } from './layout.ts';
import { model, weightsPrecision } from './model.ts';
import { hardware, machine, pool, reach } from './pool.ts';
import { engine, recipe, recipeFolder } from './recipe.ts';

/** All checks that run before anything is started. To add a check, list it here. */
export const checks: readonly Check[] = [
  framework,
  precision,
  image,
  imageVersion,
  model,
  weightsPrecision,
  recipe,
  recipeFolder,
  accelerators,
  fit,
  dataSet,
  dummyWeights,
  answers,
  engine,
  pool,
  reach,
  hardware,
  machine,
];
