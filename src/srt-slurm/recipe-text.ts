import { type ScalarTag, stringify } from 'yaml';
import { WrittenFloat } from '../config/index.ts';
import type { RecipeFields } from './variants.ts';

/** A float that keeps its text, because engines get it as it is written: `1.0`, not `1`. */
const writtenFloat: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => value instanceof WrittenFloat && Number.isFinite(value.value),
  resolve: Number,
  // Without a dot, a number with an exponent is a text in YAML 1.1.
  stringify: ({ value }) => String(value).replace(/^(-?\d+)e/, '$1.0e'),
};

/** A recipe as YAML that can be read again; in YAML 1.1, as srt-slurm reads it, a text such as `on` needs quotes. */
export function recipeText(recipe: RecipeFields): string {
  return stringify(recipe, { version: '1.1', customTags: (tags) => [writtenFloat, ...tags] });
}
