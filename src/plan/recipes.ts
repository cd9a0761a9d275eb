import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest } from '../config/index.ts';
import { InputError } from '../errors.ts';
import {
  gpusOfWorker,
  isMultiNode,
  isReplayed,
  laterFieldsOfEntry,
  type MatrixEntry,
} from '../identity/index.ts';
import { type Recipe, recipeName, type ServingFacts } from './recipe.ts';
import { importGenericRecipe, importRecipe } from './recipe-faults.ts';

const extension = extname(import.meta.url);
const folder = new URL('../../benchmarks/', import.meta.url);

/** An entry that needs a recipe, and the facts for a generic one. */
export interface RecipeQuestion {
  readonly entry: MatrixEntry;
  readonly hardware: string;
  readonly facts?: ServingFacts | undefined;
}

/** The recipe chosen for an entry, and the reason. */
export interface ChosenRecipe {
  /** The file in `benchmarks/`, without extension. */
  readonly name: string;
  readonly is: 'own' | 'of its hardware' | 'generic' | 'of a running server';
  readonly why: string;
}

/**
 * Chooses the recipe of an entry: its own, that of the GPU after which its pool is named, or the engine's
 * generic one. Undefined if there is none of these.
 */
export function chooseRecipe({ entry, hardware, facts }: RecipeQuestion): ChosenRecipe | undefined {
  if (facts?.isRunning === true && !isMultiNode(entry))
    return {
      name: 'none',
      is: 'of a running server',
      why: 'the server is external, and its flags are unknown',
    };
  const own = recipeName(entry, hardware);
  const ownFile = fileOf(entry, hardware);
  if (ownFile !== undefined)
    return { name: ownFile, is: 'own', why: 'it is for this model, precision, hardware and framework' };
  const [gpu = hardware] = hardware.split('-');
  const ofGpu = fileOf(entry, gpu);
  if (ofGpu !== undefined)
    return { name: ofGpu, is: 'of its hardware', why: `there is no recipe for ${hardware} itself` };
  const generic = `generic/${entry.framework}`;
  // A generic recipe would ignore these fields.
  const isKnown = laterFieldsOfEntry(entry).length === 0;
  if (isMultiNode(entry) || !isKnown || pathOf(generic) === undefined) return undefined;
  return {
    name: generic,
    is: 'generic',
    why: `there is no ${own}${gpu === hardware ? '' : ` and no ${recipeName(entry, gpu)}`}`,
  };
}

/** The file for a model on a hardware type. Agent sessions can have their own, because they need other settings. */
function fileOf(entry: MatrixEntry, hardware: string): string | undefined {
  const name = recipeName(entry, hardware);
  const names = isReplayed(entry) ? [`agentic_${name}`, name] : [name];
  return names.find((one) => pathOf(one) !== undefined);
}

function pathOf(name: string): string | undefined {
  const path = fileURLToPath(new URL(`${name}${extension}`, folder));
  return existsSync(path) ? path : undefined;
}

/** Finds the recipe of an entry on a hardware type. Throws InputError with the nearest recipe if there is none. */
export type RecipeBook = (entry: MatrixEntry, hardware: string) => Recipe;

/** Loads the recipes that the given entries need, each once. */
export async function loadRecipes(wanted: Iterable<RecipeQuestion>): Promise<RecipeBook> {
  const recipes = new Map<string, Recipe>();
  for (const question of wanted) {
    const key = keyOf(question);
    if (!recipes.has(key)) recipes.set(key, await recipeFor(question));
  }
  return (entry, hardware) => {
    const recipe = recipes.get(keyOf({ entry, hardware }));
    if (recipe === undefined) throw new Error(`recipe ${recipeName(entry, hardware)} was not loaded`);
    return recipe;
  };
}

/**
 * The key of a loaded recipe: generic recipes depend on the model, those of external servers on the image.
 */
function keyOf({ entry, hardware }: Pick<RecipeQuestion, 'entry' | 'hardware'>): string {
  return [
    recipeName(entry, hardware),
    isReplayed(entry),
    entry.image,
    entry.model,
    entry['load-format'],
  ].join(' ');
}

async function recipeFor(question: RecipeQuestion): Promise<Recipe> {
  const { entry, hardware, facts } = question;
  const chosen = chooseRecipe(question);
  if (chosen === undefined) throw await missingRecipe(entry, hardware);
  if (chosen.is === 'of a running server') return ofRunningServer;
  const path = pathOf(chosen.name);
  if (path === undefined) throw new Error(`recipe ${chosen.name} is gone`);
  if (chosen.is !== 'generic') return await importRecipe(path);
  return await importGenericRecipe(path, facts ?? { hasAccelerators: true, isRunning: false });
}

/**
 * The recipe of an external server, of which only the config's values are known. Nothing is started with it.
 */
const ofRunningServer: Recipe = {
  of: 'unknown',
  server: ({ entry }) => ({ args: [], env: {}, files: [], acceleratorCount: gpusOfWorker({ ...entry }) }),
};

/** The existing recipe whose name is nearest to that of the entry's own recipe. */
export async function nearestRecipe(entry: MatrixEntry, hardware: string): Promise<string | undefined> {
  const names = (await readdir(folder))
    .filter((file) => file.endsWith(extension) && !file.endsWith(`.test${extension}`))
    .map((file) => file.slice(0, -extension.length));
  return closest(recipeName(entry, hardware), names);
}

async function missingRecipe(entry: MatrixEntry, hardware: string): Promise<InputError> {
  const near = await nearestRecipe(entry, hardware);
  return new InputError(
    `no recipe benchmarks/${recipeName(entry, hardware)}${extension}: the file name is the entry's model-prefix, precision, hardware and framework, and ${entry.framework} has no generic recipe`,
    near === undefined ? 'add the file' : `the nearest one is ${near}; copy it or correct the config`,
    { code: 'no-recipe' },
  );
}
