import { type Command, Option } from 'commander';

/** One option of a command: how it is written and read, and what its value is if it is not given. */
export interface TableOption<T> {
  readonly option: Option;
  readonly initial: T;
}

/** Options by the names under which the command finds their values, which follow from their flags. */
type Table = Readonly<Record<string, TableOption<unknown>>>;

type ValueOf<T> = T extends TableOption<infer V> ? V : never;

/** The values of the options of a table, as the command is given them: what has no default may not be there. */
export type OptionTableValues<T extends Table> = {
  readonly [K in keyof T as undefined extends ValueOf<T[K]> ? never : K]: ValueOf<T[K]>;
} & {
  readonly [K in keyof T as undefined extends ValueOf<T[K]> ? K : never]?: Exclude<ValueOf<T[K]>, undefined>;
};

type Parse<T> = (text: string, before: T | undefined) => T;

/** Reads an option's value with `parse`; undefined if the option is not given. */
export function value<T>(flags: string, help: string, parse: Parse<T>): TableOption<T | undefined> {
  return { option: new Option(flags, help).argParser(parse), initial: undefined };
}

/** Like `value`, with what holds if the option is not given; `shown` is that in the help. */
export function valueOr<T>(
  initial: T,
  flags: string,
  help: string,
  parse: Parse<T>,
  shown?: string,
): TableOption<T> {
  return { option: new Option(flags, help).argParser(parse).default(initial, shown), initial };
}

/** An option whose value is its text. */
export function text(flags: string, help: string): TableOption<string | undefined> {
  return { option: new Option(flags, help), initial: undefined };
}

export function textOr(initial: string, flags: string, help: string): TableOption<string> {
  return { option: new Option(flags, help).default(initial), initial };
}

/** An option without a value. */
export function flag(flags: string, help: string): TableOption<true | undefined> {
  return { option: new Option(flags, help), initial: undefined };
}

/** An option `--no-…` without a value: false if it is given. */
export function flagOff(flags: string, help: string): TableOption<boolean> {
  return { option: new Option(flags, help), initial: true };
}

export function choice<const T extends string>(
  choices: readonly T[],
  flags: string,
  help: string,
): TableOption<T | undefined> {
  return { option: new Option(flags, help).choices(choices), initial: undefined };
}

export function choiceOr<const T extends string>(
  initial: NoInfer<T>,
  choices: readonly T[],
  flags: string,
  help: string,
): TableOption<T> {
  return { option: new Option(flags, help).choices(choices).default(initial), initial };
}

/** The option, which cannot be given together with others, by the names of their values. */
export function conflicting<T>(entry: TableOption<T>, others: readonly string[]): TableOption<T> {
  entry.option.conflicts([...others]);
  return entry;
}

/** The option, which is taken but not in the help: another name of one that is. */
export function unlisted<T>(entry: TableOption<T>): TableOption<T> {
  entry.option.hideHelp();
  return entry;
}

/** Gives a command the options of tables, each under its title in the help. */
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
