import { z } from 'zod';
import { problemsOf, readYamlAs, type YamlFile } from '../config/index.ts';
import { InputError, type Problem } from '../errors.ts';
import { brokenRules } from './checks.ts';
import { type SrtRecipe, srtRecipeSchema } from './recipe-schema.ts';
import { type RecipeFields, type Variant, VariantFault, variantsOf } from './variants.ts';

/** A recipe of a file, checked. */
export interface ReadRecipe {
  /** `base`, or the variant of it. */
  readonly suffix: string;
  /** Its fields as they are written, with its override merged in. */
  readonly written: RecipeFields;
  readonly recipe: SrtRecipe;
}

/** A recipe file and its selected variants, before they are checked. */
export interface Expanded {
  readonly variants: readonly Variant[];
  readonly yaml: YamlFile;
}

/**
 * Splits `FILE:SELECTOR`, as in `recipes/r.yaml:zip_override_low[0]`. The selector has no slash, so a path with a colon in a
 * folder's name is not split.
 */
export function namedVariant(named: string): { readonly file: string; readonly selector?: string } {
  const [, file, selector] = /^(.+?):([^:/\\]+)$/.exec(named) ?? [];
  return file === undefined || selector === undefined ? { file: named } : { file, selector };
}

/** Reads a recipe file of srt-slurm and expands it. Throws InputError with the position of every problem. */
export async function expandFile(file: string, selector?: string): Promise<Expanded> {
  const { data, located } = await readYamlAs(file, z.record(z.string(), z.unknown()), {
    yaml: '1.1',
    equalKeys: 'last-wins',
    floats: 'as-written',
  });
  const yaml = await located();
  try {
    return { variants: variantsOf(data, selector), yaml };
  } catch (error) {
    if (!(error instanceof VariantFault)) throw error;
    const where = error.path.length === 0 ? { file } : yaml.locate(error.path, 'key');
    throw new InputError([{ ...where, ...error.fault }], undefined, { code: 'bad-config' });
  }
}

/**
 * Reads the selected recipes of a file. Throws InputError with every problem, at its line in the base or in the override
 * that causes it.
 */
export async function readSrtRecipes(file: string, selector?: string): Promise<ReadRecipe[]> {
  const { variants, yaml } = await expandFile(file, selector);
  const read = variants.map((variant) => ({ variant, ...checked(variant, yaml) }));
  const problems = read.flatMap((one) => one.problems ?? []);
  if (problems.length > 0) throw new InputError(withoutRepeats(problems), undefined, { code: 'bad-config' });
  return read.flatMap(({ variant, recipe }) =>
    recipe === undefined ? [] : [{ suffix: variant.suffix, written: variant.recipe, recipe }],
  );
}

function checked(
  variant: Variant,
  yaml: YamlFile,
): { readonly recipe?: SrtRecipe; readonly problems?: readonly Problem[] } {
  const own: YamlFile = {
    file: yaml.file,
    value: variant.recipe,
    locate: (path, what) => yaml.locate(placeOf(path, variant, yaml.value), what),
  };
  const parsed = srtRecipeSchema.safeParse(variant.recipe, { reportInput: true });
  if (!parsed.success) return { problems: problemsOf(own, srtRecipeSchema, parsed.error) };
  const problems = brokenRules(parsed.data).map(({ path, ...fault }) => ({ ...own.locate(path), ...fault }));
  return problems.length > 0 ? { problems } : { recipe: parsed.data };
}

/** Where a field of a variant is written: in its section if that has it, else in the base. */
function placeOf(path: readonly PropertyKey[], { section }: Variant, file: unknown): readonly PropertyKey[] {
  if (!has(file, ['base'])) return path;
  return section !== undefined && has(file, [section, ...path]) ? [section, ...path] : ['base', ...path];
}

function has(value: unknown, path: readonly PropertyKey[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return true;
  if (typeof value !== 'object' || value === null || !(key in value)) return false;
  return has(Object.entries(value).find(([name]) => name === String(key))?.[1], rest);
}

/** A problem of the base occurs in every variant. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const byText = new Map(problems.map((one) => [JSON.stringify(one), one]));
  return [...byText.values()];
}
