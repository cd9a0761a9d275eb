import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { InputError, type Problem } from '../../errors.ts';
import type { TableOption } from '../option-table.ts';
import { serveTables } from './serve-options.ts';

type Entry = TableOption<unknown>;

const entries = new Map<string, Entry>(
  Object.values(serveTables)
    .flatMap((table): Entry[] => Object.values(table))
    .map((entry) => [entry.option.long?.replace(/^--/, '') ?? '', entry]),
);

/** The file of `bench serve --config`: each option of the command by its name without dashes. */
export const serveConfigSchema = z.strictObject(
  Object.fromEntries([...entries].map(([key, entry]) => [key, fieldOf(entry).exactOptional()])),
);

function fieldOf({ option, form }: Entry): z.ZodType {
  const { description, defaultValue } = option;
  return form.schema.meta(
    defined({
      description,
      default: defaultValue === Number.POSITIVE_INFINITY ? undefined : defaultValue,
    }),
  );
}

/** One option in a file. */
interface Said {
  readonly key: string;
  /** The name of its value in the command. */
  readonly name: string;
  readonly entry: Entry;
  readonly written: unknown;
}

/**
 * Applies the values of a configuration file to a command, except options that are given on the command line or in the
 * environment, and those that they exclude. Throws InputError with the line and column of every error.
 */
export async function applyServeConfig(command: Command, file: string): Promise<void> {
  const { readYamlAs } = await import('../../config/index.ts');
  const { data, located } = await readYamlAs(file, serveConfigSchema);
  const said = Object.entries(data).flatMap(([key, written]): Said[] => {
    const entry = entries.get(key);
    return entry === undefined ? [] : [{ key, written, entry, name: entry.option.attributeName() }];
  });
  const given = [...entries.values()].filter(({ option }) => isGiven(command, option.attributeName()));
  const problems: { readonly key: string; readonly message: string }[] = [];
  for (const one of said) {
    try {
      const value = readValue(one);
      if (value === undefined) continue;
      const other = said.find(({ name, written }) => written !== false && one.entry.excludes.includes(name));
      if (other !== undefined)
        problems.push({ key: one.key, message: `cannot be used together with ${other.key}` });
      const isOverruled = given.some(
        ({ option, excludes }) =>
          option.attributeName() === one.name ||
          excludes.includes(one.name) ||
          one.entry.excludes.includes(option.attributeName()),
      );
      if (!isOverruled) command.setOptionValueWithSource(one.name, value, 'config');
    } catch (error) {
      if (!(error instanceof InvalidArgumentError || error instanceof InputError)) throw error;
      problems.push({ key: one.key, message: error.message });
    }
  }
  if (problems.length === 0) return;
  const yaml = await located();
  throw new InputError(
    problems.map(({ key, message }): Problem => ({ ...yaml.locate([key]), message: `${key}: ${message}` })),
  );
}

function isGiven(command: Command, name: string): boolean {
  return ['cli', 'env'].includes(command.getOptionValueSource(name) ?? '');
}

/** Parses a value like the command line would; undefined for a flag that is false, that is, not given. */
function readValue({ entry: { option, form }, written }: Said): unknown {
  if (typeof written === 'boolean') return written ? !option.negate : undefined;
  let value: unknown;
  for (const text of form.texts(written))
    value = option.parseArg === undefined ? text : option.parseArg(text, value);
  return value;
}
