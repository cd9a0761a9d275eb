import type { Command } from 'commander';

/**
 * Makes an option that a command and its subcommands both have hold wherever it stands: after the subcommand it belongs
 * to that, and before it to the command, from which the subcommand takes it unless it was given one of its own.
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
