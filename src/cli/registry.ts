import type { Command } from 'commander';

interface CommandModule {
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Every command by name; adding one is a line here and a file in `commands/`. */
export const commands: Readonly<Record<string, CommandModule>> = {};
