import { type Command, Option } from 'commander';
import { formOf, numberForm, type OptionForm } from './option-form.ts';

/** One option of a command: its flags, its parser, and its value if it is not given. */
export interface TableOption<T> {
  readonly option: Option;
  readonly initial: T;
  /** How the option is written in a configuration file. */
  readonly form: OptionForm;
  /** Names of options that cannot be combined with it. */
  readonly excludes: readonly string[];
}

function entry<T>(option: Option, initial: T, form = formOf(option)): TableOption<T> {
  return { option, initial, form, excludes: [] };
}

/** Options by the names of their values in the command, which follow from their flags. */
type Table = Readonly<Record<string, TableOption<unknown>>>;

type ValueOf<T> = T extends TableOption<infer V> ? V : never;

/** The values of a table's options, as the command receives them; options without a default may be absent. */
export type OptionTableValues<T extends Table> = {
  readonly [K in keyof T as undefined extends ValueOf<T[K]> ? never : K]: ValueOf<T[K]>;
} & {
  readonly [K in keyof T as undefined extends ValueOf<T[K]> ? K : never]?: Exclude<ValueOf<T[K]>, undefined>;
};

type Parse<T> = (text: string, before: T | undefined) => T;

/** Parses an option's value with `parse`; undefined if the option is not given. */
export function value<T>(flags: string, help: string, parse: Parse<T>): TableOption<T | undefined> {
  return entry(new Option(flags, help).argParser(parse), undefined);
}

/** Like `value`, with a default; the help shows the default as `shown`. */
export function valueOr<T>(
  initial: T,
  flags: string,
  help: string,
  parse: Parse<T>,
  shown?: string,
): TableOption<T> {
  return entry(new Option(flags, help).argParser(parse).default(initial, shown), initial);
}

/** Like `value`, for a number. */
export function number(flags: string, help: string, parse: Parse<number>): TableOption<number | undefined> {
  return inFile(numberForm, value(flags, help, parse));
}

/** Like `valueOr`, for a number. */
export function numberOr(
  initial: number,
  flags: string,
  help: string,
  parse: Parse<number>,
): TableOption<number> {
  return inFile(numberForm, valueOr(initial, flags, help, parse));
}

/** An option whose value is used as text. */
export function text(flags: string, help: string): TableOption<string | undefined> {
  return entry(new Option(flags, help), undefined);
}

export function textOr(initial: string, flags: string, help: string): TableOption<string> {
  return entry(new Option(flags, help).default(initial), initial);
}

/** An option without a value. */
export function flag(flags: string, help: string): TableOption<true | undefined> {
  return entry(new Option(flags, help), undefined);
}

/** An option `--no-…` without a value: false if it is given. */
export function flagOff(flags: string, help: string): TableOption<boolean> {
  return entry(new Option(flags, help), true);
}

export function choice<const T extends string>(
  choices: readonly T[],
  flags: string,
  help: string,
): TableOption<T | undefined> {
  return entry(new Option(flags, help).choices(choices), undefined);
}

export function choiceOr<const T extends string>(
  initial: NoInfer<T>,
  choices: readonly T[],
  flags: string,
  help: string,
): TableOption<T> {
  return entry(new Option(flags, help).choices(choices).default(initial), initial);
}

/** A choice `--flag [value]`, whose value may be left out. */
export function choiceOrPreset<const T extends string>(
  preset: NoInfer<T>,
  choices: readonly T[],
  flags: string,
  help: string,
): TableOption<T | undefined> {
  return entry(new Option(flags, help).choices(choices).preset(preset), undefined);
}

/** The option with another form in configuration files. */
export function inFile<T>(form: OptionForm, entry: TableOption<T>): TableOption<T> {
  return { ...entry, form };
}

/** The option, excluding other options by the names of their values. */
export function conflicting<T>(entry: TableOption<T>, excludes: readonly string[]): TableOption<T> {
  entry.option.conflicts([...excludes]);
  return { ...entry, excludes };
}

/** The option, hidden from the help: an alias of a listed one. */
export function unlisted<T>(entry: TableOption<T>): TableOption<T> {
  entry.option.hideHelp();
  return entry;
}

/** Adds the options of tables to a command, each table under its title in the help. */
export function addTables(command: Command, tables: Readonly<Record<string, Table>>): Command {
  for (const [title, table] of Object.entries(tables)) {
    command.optionsGroup(title);
    for (const [name, { option }] of Object.entries(table)) {
      if (option.attributeName() !== name)
        throw new Error(`the value of ${option.flags} is found as ${option.attributeName()}, not ${name}`);
      command.addOption(option);
    }
  }
  return command;
}
