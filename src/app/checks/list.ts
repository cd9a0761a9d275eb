import type { Check } from './check.ts';
import { dummyWeights, fit } from './fit.ts';
import { framework, precision } from './framework.ts';
import { image, imageVersion } from './image.ts';
import { accelerators } from './layout.ts';
import { model, weightsPrecision } from './model.ts';
import { hardware, machine, pool, reach } from './pool.ts';
import { engine, recipe, recipeFolder } from './recipe.ts';

/** Everything that is looked at before anything is started. Adding a check is adding it here. */
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
  dummyWeights,
  engine,
  pool,
  reach,
  hardware,
  machine,
];
