import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { shareOptions } from './shared-options.ts';

/** The options that the innermost command received. */
async function optionsOf(...words: string[]): Promise<unknown> {
  let seen: unknown;
  const file = () => new Option('--file <file>').default('default.yaml');
  const program = new Command('tool').addCommand(
    new Command('list')
      .addOption(file())
      .action((options: unknown) => {
        seen = options;
      })
      .addCommand(
        new Command('add').addOption(file()).action((options: unknown) => {
          seen = options;
        }),
      ),
  );
  shareOptions(program);
  await program.parseAsync(words, { from: 'user' });
  return seen;
}

describe('an option shared by a command and its subcommand', () => {
  it('after the subcommand belongs to the subcommand', async () => {
    expect(await optionsOf('list', 'add', '--file', 'a.yaml')).toEqual({ file: 'a.yaml' });
  });
  it('before the subcommand applies to the subcommand, too', async () => {
    expect(await optionsOf('list', '--file', 'a.yaml', 'add')).toEqual({ file: 'a.yaml' });
  });
  it('has the innermost value if it is given twice', async () => {
    expect(await optionsOf('list', '--file', 'a.yaml', 'add', '--file', 'b.yaml')).toEqual({
      file: 'b.yaml',
    });
  });
  it('has its default if it is not given', async () => {
    expect(await optionsOf('list', 'add')).toEqual({ file: 'default.yaml' });
    expect(await optionsOf('list')).toEqual({ file: 'default.yaml' });
  });
});
