import type { Command } from 'commander';

/** The long names of options by their title in the help, such as `--port`. */
export type OptionGroups = Readonly<Record<string, readonly string[]>>;

/** Groups a command's options under titles; other options stay under the default title. */
export function groupOptions(command: Command, groups: OptionGroups): Command {
  for (const [title, names] of Object.entries(groups)) {
    for (const name of names) {
      const option = command.options.find(({ long }) => long === name);
      if (option === undefined)
        throw new Error(`${command.name()} has no option ${name} to be put under ${title}`);
      option.helpGroup(title);
    }
  }
  return command;
}
