import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { issueInWords } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { InputError, messageOf, type Problem } from '../errors.ts';
import type { GenericRecipe, Recipe, ServerSpec, ServingFacts } from './recipe.ts';
import { clientSchema, serverSchema } from './recipe-schema.ts';

/** Recipes are user code: errors in it are reported as errors of the recipe file, with the line. */
const recipesFolder = fileURLToPath(new URL('../../benchmarks/', import.meta.url));

const recipeSchema = z.custom<Recipe>(
  (value) =>
    typeof value === 'object' && value !== null && 'server' in value && typeof value.server === 'function',
);

const genericSchema = z.custom<GenericRecipe>((value) => typeof value === 'function');

/** Loaded recipes by file, so that their cached servers are reused. */
const imported = new Map<string, Recipe>();

/** Loads a recipe file. Throws InputError with the line if its code cannot be loaded or exports no recipe. */
export async function importRecipe(path: string): Promise<Recipe> {
  const known = imported.get(path);
  if (known !== undefined) return known;
  const recipe = remembering(guarded(await exported(path), path));
  imported.set(path, recipe);
  return recipe;
}

/** Makes the generic recipe of an engine for one model and hardware. */
export async function importGenericRecipe(path: string, facts: ServingFacts): Promise<Recipe> {
  const { generic } = z.object({ generic: genericSchema }).parse(await import(path));
  return remembering(guarded(generic(facts), path));
}

/** Caches the servers of a recipe, which is a pure function, because planning compares them many times. */
function remembering(recipe: Recipe): Recipe {
  const servers = new WeakMap<object, Map<string, ServerSpec>>();
  return {
    ...recipe,
    server: (point) => {
      const { entry, hardware, launcher, conc, maxConc } = point;
      const ofEntry = servers.get(entry) ?? new Map<string, ServerSpec>();
      servers.set(entry, ofEntry);
      const key = [hardware, launcher, conc, maxConc].join(' ');
      const server = ofEntry.get(key) ?? recipe.server(point);
      ofEntry.set(key, server);
      return server;
    },
  };
}

async function exported(path: string): Promise<Recipe> {
  let module: unknown;
  try {
    module = await import(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const place = placeOf(error) ?? missingImport(error) ?? { file: shown(path) };
    throw new InputError([{ ...place, ...said(error) }], undefined, { code: 'bad-recipe' });
  }
  const parsed = z.object({ recipe: recipeSchema }).safeParse(module);
  if (!parsed.success)
    throw new InputError([
      {
        code: 'bad-recipe',
        file: shown(path),
        message: 'it exports no `recipe` with a function `server`',
        hint: 'write `export const recipe: Recipe = { server: … }`',
      },
    ]);
  return parsed.data.recipe;
}

/**
 * Wraps a recipe so that its functions throw InputError with the line if they fail or return something
 * invalid.
 */
function guarded(recipe: Recipe, path: string): Recipe {
  const { client } = recipe;
  return {
    ...recipe,
    server: (point) => checked(() => recipe.server(point), 'server', serverSchema, path),
    ...defined({
      client:
        client &&
        ((point: Parameters<typeof client>[0]) =>
          checked(() => client(point), 'client', clientSchema.partial(), path)),
    }),
  };
}

function checked<T>(call: () => T, name: string, schema: z.ZodType, path: string): T {
  const result = called(call);
  const parsed = schema.safeParse(result, { reportInput: true });
  if (parsed.success) return result;
  throw new InputError(
    parsed.error.issues.map((issue) => ({
      file: shown(path),
      message: `${name}() returns ${name === 'server' ? 'a server' : 'settings'} that cannot be used: ${issueInWords(issue)}`,
    })),
    undefined,
    { code: 'bad-recipe' },
  );
}

function called<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const place = placeOf(error);
    // An error outside of all recipes is a bug of InferenceMAX.
    if (error instanceof InputError || place === undefined) throw error;
    throw new InputError([{ ...place, ...said(error) }], undefined, { code: 'bad-recipe' });
  }
}

function said(error: unknown): Pick<Problem, 'message'> {
  const message = messageOf(error).replaceAll(recipesFolder, `${shown(recipesFolder).replace(/\/$/, '')}/`);
  const kind = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '';
  return { message: `the recipe's code failed: ${kind}${message}` };
}

type Place = Pick<Problem, 'file' | 'line' | 'column'>;

/** The place of an error: the first frame of its stack that is in the recipes folder. */
function placeOf(error: unknown): Place | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return syntaxPlace(stack) ?? framePlace(stack);
}

/** The place of a syntax error, which Node prints before the stack, with the line and marks below it. */
function syntaxPlace(stack: string): Place | undefined {
  const [, path = '', line] = /^(?:file:\/\/)?(\/[^\n]+):(\d+)\n/.exec(stack) ?? [];
  if (!path.startsWith(recipesFolder)) return undefined;
  const [, before] = /^( *)\^+$/m.exec(stack) ?? [];
  return {
    file: shown(path),
    line: Number(line),
    ...defined({ column: before === undefined ? undefined : before.length + 1 }),
  };
}

function framePlace(stack: string): Place | undefined {
  for (const [, path = '', line, column] of stack.matchAll(/(?:file:\/\/)?(\/[^\s()]+):(\d+):(\d+)/g)) {
    if (path.startsWith(recipesFolder))
      return { file: shown(path), line: Number(line), column: Number(column) };
  }
  return undefined;
}

/** The line of an import that was not found; Node names only the file. */
function missingImport(error: unknown): Place | undefined {
  const [, what = '', path = ''] =
    /Cannot find (?:module|package) '([^']+)' imported from (\/\S+)/.exec(messageOf(error)) ?? [];
  if (!path.startsWith(recipesFolder)) return undefined;
  const name = what.split('/').at(-1) ?? what;
  const index = readFileSync(path, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(name));
  return { file: shown(path), ...defined({ line: index < 0 ? undefined : index + 1 }) };
}

/** A path relative to the working directory, if it is below it. */
function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}
