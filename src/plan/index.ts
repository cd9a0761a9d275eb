export { planSchema } from './plan-schema.ts';
export type { ClientSettings, Point, Recipe, ServerFile, ServerSpec } from './recipe.ts';
export { recipeName } from './recipe.ts';
export { findRecipe, loadRecipes, type RecipeBook } from './recipes.ts';
export {
  type EngineSession,
  type Plan,
  type PlannedPoint,
  planSessions,
  resultName,
  startsPerPoint,
} from './session.ts';
