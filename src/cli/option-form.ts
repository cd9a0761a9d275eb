import type { Option } from 'commander';
import { z } from 'zod';

/** How the value of an option is written in a YAML file, and how to convert it to command-line texts. */
export interface OptionForm {
  readonly schema: z.ZodType;
  /** Converts a value to texts; a list may give several. Throws ZodError if the schema rejects the value. */
  texts(value: unknown): readonly string[];
}

function form<Schema extends z.ZodType>(
  schema: Schema,
  texts: (value: z.output<Schema>) => readonly string[],
): OptionForm {
  return { schema, texts: (value) => texts(schema.parse(value)) };
}

const numberSchema = z.number();
const oneOrMore = <Schema extends z.ZodType>(one: Schema) => z.union([one, z.array(one).min(1)]);

export const textForm = form(z.string(), (value) => [value]);
export const numberForm = form(numberSchema, (value) => [String(value)]);
/** A number, or a text such as `inf` or `2-6`. */
export const numberOrTextForm = form(z.union([numberSchema, z.string()]), (value) => [String(value)]);
/** One number or a list: `8`, `[1, 2, 4]`. */
export const numbersForm = form(oneOrMore(numberSchema), (value) => [String(value)]);
/** A list whose items are separated by commas on the command line. */
export const commaListForm = form(oneOrMore(z.string()), (value) => [String(value)]);
/** A list whose items are separate arguments on the command line. */
export const textsForm = form(oneOrMore(z.string()), (value) => [value].flat());
/** One name, a list, or a map of names to their shares. */
export const sharesForm = form(
  z.union([oneOrMore(z.string()), z.record(z.string(), numberSchema)]),
  (value) =>
    typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).map(([name, share]) => `${name}=${share}`)
      : [value].flat(),
);
/** Any map; JSON on the command line. */
export const jsonMapForm = form(z.record(z.string(), z.unknown()), (value) => [JSON.stringify(value)]);

/**
 * A map, or a list of arguments as on the command line, with `separator` between name and value. Error messages do not
 * contain the value, because it may be a key.
 */
export function mapForm(separator: '=' | ':'): OptionForm {
  const map = z.record(z.string(), z.union([z.string(), z.number()]));
  const list = z.array(z.string()).min(1);
  const error = `expected a map of names to texts or numbers, or a list of name${separator}value`;
  return form(z.union([map, list], { error }), (value) =>
    Array.isArray(value) ? value : Object.entries(value).map(([name, one]) => `${name}${separator}${one}`),
  );
}

/** The form that follows from the flags: true or false without a value, otherwise a choice or a text. */
export function formOf(option: Option): OptionForm {
  if (option.isBoolean() || option.negate) return form(z.boolean(), () => []);
  return option.argChoices === undefined ? textForm : form(z.enum(option.argChoices), (value) => [value]);
}
