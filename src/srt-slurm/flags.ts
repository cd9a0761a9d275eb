import { pythonText } from '../python-text.ts';
import type { RecipeFields } from './variants.ts';

/** The flags of an engine, in the order of their names: `true` is a bare flag; false and null leave it out. */
export function flagsOf(options: RecipeFields): string[] {
  return Object.entries(options)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => {
      const flag = `--${kebab(name)}`;
      if (value === false || value === null) return [];
      if (value === true) return [flag];
      return [flag, ...(Array.isArray(value) ? value.map(textOf) : [textOf(value)])];
    });
}

/** The arguments of a frontend, in the order of the recipe. */
export function argumentsOf(args: RecipeFields | null | undefined): string[] {
  return Object.entries(args ?? {}).flatMap(([name, value]) => {
    if (value === false || value === null) return [];
    return value === true ? [`--${name}`] : [`--${name}`, textOf(value)];
  });
}

/** A flag's name as the command line has it. */
export function kebab(name: string): string {
  return name.replaceAll('_', '-');
}

/** Takes flags out of options, in either spelling; returns the rest. */
export function withoutFlags(options: RecipeFields, names: ReadonlySet<string>): RecipeFields {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.has(kebab(name))));
}

/** The value of a flag in either spelling; undefined if it is absent or null. */
export function flagValue(options: RecipeFields, name: string): unknown {
  const found = Object.entries(options).find(([key, value]) => kebab(key) === name && value !== null);
  return found?.[1];
}

/** A whole number of a flag, such as a parallel size. */
export function sizeOf(options: RecipeFields, name: string): number | undefined {
  const value = Number(flagValue(options, name) ?? Number.NaN);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

/** A value on the command line, as Python writes it. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : pythonText(value);
}

/** JSON with a space after each colon and comma, as Python writes it. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${pythonJson(inner)}`)
    .join(', ')}}`;
}
