import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest } from '../config/index.ts';
import { InputError } from '../errors.ts';
import type { MatrixEntry } from '../identity/index.ts';
import { type Recipe, recipeName } from './recipe.ts';
import { importRecipe } from './recipe-faults.ts';

const extension = extname(import.meta.url);
const folder = new URL('../../benchmarks/', import.meta.url);

/** The path of the recipe that serves an entry, or undefined when `benchmarks/` has none. */
export function findRecipe(entry: MatrixEntry, hardware: string): string | undefined {
  const path = fileURLToPath(new URL(`${recipeName(entry, hardware)}${extension}`, folder));
  return existsSync(path) ? path : undefined;
}

/** Finds a recipe by entry and hardware; throws InputError, naming the nearest recipe, when there is none. */
export type RecipeBook = (entry: MatrixEntry, hardware: string) => Recipe;

/** Loads the recipes that the given entries need, each once. */
export async function loadRecipes(
  wanted: Iterable<{ readonly entry: MatrixEntry; readonly hardware: string }>,
): Promise<RecipeBook> {
  const recipes = new Map<string, Recipe>();
  for (const { entry, hardware } of wanted) {
    const name = recipeName(entry, hardware);
    if (recipes.has(name)) continue;
    const path = findRecipe(entry, hardware);
    if (path === undefined) throw await missingRecipe(entry, hardware);
    recipes.set(name, await importRecipe(path));
  }
  return (entry, hardware) => {
    const recipe = recipes.get(recipeName(entry, hardware));
    if (recipe === undefined) throw new Error(`recipe ${recipeName(entry, hardware)} was not loaded`);
    return recipe;
  };
}

/** The recipe whose name is nearest to that of the one that an entry would have. */
export async function nearestRecipe(entry: MatrixEntry, hardware: string): Promise<string | undefined> {
  const names = (await readdir(folder))
    .filter((file) => file.endsWith(extension) && !file.endsWith(`.test${extension}`))
    .map((file) => file.slice(0, -extension.length));
  return closest(recipeName(entry, hardware), names);
}

async function missingRecipe(entry: MatrixEntry, hardware: string): Promise<InputError> {
  const near = await nearestRecipe(entry, hardware);
  return new InputError(
    `no recipe benchmarks/${recipeName(entry, hardware)}${extension}: an entry's model-prefix, precision, runner pool and framework name its recipe`,
    near === undefined ? 'add the file' : `the nearest one is ${near}; copy it or correct the config`,
  );
}
