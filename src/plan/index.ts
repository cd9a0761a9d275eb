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
  GenericRecipe,
  Point,
  Recipe,
  ServerSpec,
  ServingFacts,
  StartPoint,
  WorkerSpec,
} from './recipe.ts';
export { nodesOf, recipeName } from './recipe.ts';
export {
  type ChosenRecipe,
  chooseRecipe,
  loadRecipes,
  nearestRecipe,
  type RecipeBook,
  type RecipeQuestion,
} from './recipes.ts';
export {
  type AskedAcceptance,
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
  UnheededField,
  unheededFields,
} from './session.ts';
export { settingsOf } from './settings.ts';
