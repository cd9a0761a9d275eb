export { type Job, type JobProcess, jobOf } from './job.ts';
export { type JobNodes, nodesOf } from './placement.ts';
export { expandFile, namedVariant, type ReadRecipe, readSrtRecipes } from './read.ts';
export type { SrtRecipe } from './recipe-schema.ts';
export { recipeText } from './recipe-text.ts';
export { type RecipeFields, type Variant, variantsOf } from './variants.ts';
