import type { Fault } from '../errors.ts';
import { matchesShellPattern } from '../matrix/index.ts';

/** A map of a recipe file, before it is checked. */
export type RecipeFields = Readonly<Record<string, unknown>>;

/** One recipe of a file. */
export interface Variant {
  /** `base`, the name of its override, or the name of its zipped override and its index, such as `low_2`. */
  readonly suffix: string;
  readonly recipe: RecipeFields;
  /** The section of the file that it changes `base` by; absent for `base` and for a file without sections. */
  readonly section?: string;
}

/** A problem of a file or of a selector, with the section that it is about. */
export class VariantFault extends Error {
  readonly path: readonly string[];
  readonly fault: Fault;

  constructor(path: readonly string[], fault: Fault) {
    super(fault.message);
    this.path = path;
    this.fault = fault;
  }
}

/** A kind of section that changes `base`. */
interface SectionKind {
  readonly prefix: string;
  variants(name: string, change: RecipeFields, base: RecipeFields, section: string): Variant[];
}

/** One variant. */
const override: SectionKind = {
  prefix: 'override_',
  variants: (name, change, base, section) => {
    const merged = mergedInto(base, change);
    const recipe = 'name' in change ? merged : { ...merged, name: `${nameOf(base)}_${name}` };
    return [{ suffix: name, recipe, section }];
  },
};

/** A variant for each element of its lists, which are all equally long; a list of one element is used for all. */
const zippedOverride: SectionKind = {
  prefix: 'zip_override_',
  variants: (name, change, base, section) =>
    Array.from({ length: lengthOf(change, section) }, (_, index) => {
      const merged = mergedInto(base, sliceOf(change, index));
      // A single name would be that of every variant.
      const named = Array.isArray(change.name);
      const recipe = named ? merged : { ...merged, name: `${nameOf(base)}_${name}_${index}` };
      return { suffix: `${name}_${index}`, recipe, section };
    }),
};

const sectionKinds: readonly SectionKind[] = [override, zippedOverride];

/**
 * Expands a recipe file into its variants (F15): without a selector all of them; `base`; a section such as
 * `override_low` or `zip_override_low`; one variant of a zipped section, `zip_override_low[2]`; or a pattern of section
 * names with `*` and `?`. A file without sections is its own and only variant. Throws VariantFault.
 *
 * @example
 * variantsOf({ base: { name: 'r' }, zip_override_b: { tp: [4, 8] } }).map(({ suffix }) => suffix); // ['b_0', 'b_1']
 */
export function variantsOf(file: RecipeFields, selector?: string): Variant[] {
  if (!('base' in file)) {
    if (selector === undefined) return [{ suffix: 'base', recipe: file }];
    throw new VariantFault([], {
      message: `has no variants, so '${selector}' selects nothing`,
      hint: 'name the file without a selector, or add base and override_… sections',
    });
  }
  const base = mapAt(file, 'base');
  if (selector === 'base') return [{ suffix: 'base', recipe: base }];
  const sections = sectionKinds.flatMap(({ prefix }) =>
    Object.keys(file)
      .filter((key) => key.startsWith(prefix))
      .toSorted(),
  );
  if (selector === undefined) return sections.flatMap((section) => ofSection(file, section, base));
  const [, zipped, index] = /^(zip_override_[\w-]+)\[(\d+)\]$/.exec(selector) ?? [];
  if (zipped !== undefined) return [atIndex(file, zipped, Number(index), base, sections)];
  if (/[*?]/.test(selector)) {
    const chosen = sections.filter((section) => matchesShellPattern(section, selector));
    if (chosen.length === 0) throw nothingSelected(selector, sections);
    return chosen.flatMap((section) => ofSection(file, section, base));
  }
  if (!sections.includes(selector)) throw nothingSelected(selector, sections);
  return ofSection(file, selector, base);
}

function ofSection(file: RecipeFields, section: string, base: RecipeFields): Variant[] {
  return sectionKinds
    .filter(({ prefix }) => section.startsWith(prefix))
    .flatMap(({ prefix, variants }) =>
      variants(section.slice(prefix.length), mapAt(file, section), base, section),
    );
}

function atIndex(
  file: RecipeFields,
  section: string,
  index: number,
  base: RecipeFields,
  sections: readonly string[],
): Variant {
  if (!sections.includes(section)) throw nothingSelected(section, sections);
  const all = ofSection(file, section, base);
  const chosen = all[index];
  if (chosen !== undefined) return chosen;
  throw new VariantFault([section], {
    message: `has no variant ${index}`,
    hint: `its ${all.length} variants are numbered from 0 to ${all.length - 1}`,
  });
}

function nothingSelected(selector: string, sections: readonly string[]): VariantFault {
  return new VariantFault([], {
    message: `has no variant '${selector}'`,
    hint:
      sections.length === 0 ? 'only base can be selected' : `its sections are base, ${sections.join(', ')}`,
  });
}

/** Maps are merged, everything else is replaced, and null removes a field. */
function mergedInto(base: RecipeFields, change: RecipeFields): RecipeFields {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(change)) {
    const before = merged.get(key);
    if (value === null) merged.delete(key);
    else merged.set(key, isMap(before) && isMap(value) ? mergedInto(before, value) : value);
  }
  return Object.fromEntries(merged);
}

function lengthOf(change: RecipeFields, section: string): number {
  const lists = listsOf(change, [section]);
  const empty = lists.find(({ length }) => length === 0);
  if (empty !== undefined)
    throw new VariantFault(empty.path, { message: 'expected at least one value, found an empty list' });
  const [first, ...others] = lists.filter(({ length }) => length !== 1);
  const other = others.find(({ length }) => length !== first?.length);
  if (first !== undefined && other !== undefined)
    throw new VariantFault(other.path, {
      message: `expected ${first.length} values, as in ${first.path.slice(1).join('.')}, or one; found ${other.length}`,
    });
  if (lists.length === 0)
    throw new VariantFault([section], {
      message: 'expected at least one list, whose values are one variant each',
      hint: `for a single variant, name it ${section.replace(/^zip_/, '')}`,
    });
  return first?.length ?? 1;
}

function listsOf(
  fields: RecipeFields,
  path: readonly string[],
): { readonly path: readonly string[]; readonly length: number }[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const here = [...path, key];
    if (Array.isArray(value)) return [{ path: here, length: value.length }];
    return isMap(value) ? listsOf(value, here) : [];
  });
}

/** The values of one variant; a list in a list is a single value. */
function sliceOf(fields: RecipeFields, index: number): RecipeFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (Array.isArray(value)) return [key, value[value.length === 1 ? 0 : index]];
      return [key, isMap(value) ? sliceOf(value, index) : value];
    }),
  );
}

function mapAt(file: RecipeFields, section: string): RecipeFields {
  const value = file[section];
  if (isMap(value)) return value;
  throw new VariantFault([section], { message: 'expected fields of a recipe' });
}

function nameOf(base: RecipeFields): string {
  return 'name' in base ? String(base.name) : 'unnamed';
}

function isMap(value: unknown): value is RecipeFields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
