export { type LauncherKind, launcherKinds } from '../launchers/index.ts';
export {
  type AdaptiveOptions,
  type Candidate,
  type CandidateCurve,
  curveKey,
  curvesOf,
  defaultMaxLoss,
  type Measurement,
  type NextPoints,
  nextPoints,
  type SkippedPoint,
} from './adaptive.ts';
export { planSchema } from './plan-schema.ts';
export type {
  ClientSettings,
  Point,
  Recipe,
  ServerSpec,
  StartPoint,
  WorkerSpec,
} from './recipe.ts';
export { nodesOf, recipeName } from './recipe.ts';
export { findRecipe, loadRecipes, nearestRecipe, type RecipeBook } from './recipes.ts';
export {
  type EngineSession,
  type Plan,
  type PlanContext,
  type PlannedPoint,
  planSessions,
  type SharedRange,
  type Sharing,
  sessionBy,
  sharings,
  startsPerPoint,
} from './session.ts';
export { settingsOf } from './settings.ts';
