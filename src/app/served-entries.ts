import type { MatrixEntry } from '../matrix/index.ts';
import { chooseRecipe, loadRecipes, unheededFields } from '../plan/index.ts';
import { RunnerNodes } from './nodes.ts';
import { type Entries, poolNameOf } from './planning.ts';
import { recipeQuestions } from './serving-facts.ts';

/** The entries that have a recipe here, in order. Others can be generated but not run. */
export async function servedEntries({
  entries,
  pools,
}: Pick<Entries, 'entries' | 'pools'>): Promise<MatrixEntry[]> {
  const pool = poolNameOf(pools);
  const runners = await RunnerNodes.load(entries.map(pool), { pools }, 'assume');
  const questions = await recipeQuestions(entries, pool, runners);
  const known = questions.filter((question) => chooseRecipe(question) !== undefined);
  const recipes = await loadRecipes(known);
  return known
    .filter(({ entry, hardware }) => unheededFields(recipes(entry, hardware), entry).length === 0)
    .map(({ entry }) => entry);
}
