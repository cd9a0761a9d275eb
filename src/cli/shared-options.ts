import type { Command } from 'commander';

/**
 * Lets an option that a command shares with its subcommands be given before or after the subcommand name. After the
 * name, it belongs to the subcommand; before it, the subcommand takes the value from its parent unless the option is
 * given again.
 */
export function shareOptions(program: Command): void {
  const separate = (command: Command): void => {
    command.enablePositionalOptions();
    for (const child of command.commands) separate(child);
  };
  separate(program);
  program.hook('preAction', (_, action) => {
    for (const option of action.options) takeFromParents(action, option.attributeName());
  });
}

function takeFromParents(action: Command, name: string): void {
  const isGiven = (command: Command) => command.getOptionValueSource(name) === 'cli';
  if (isGiven(action)) return;
  for (let parent = action.parent; parent !== null; parent = parent.parent) {
    if (!isGiven(parent)) continue;
    action.setOptionValueWithSource(name, parent.getOptionValue(name), 'cli');
    return;
  }
}
