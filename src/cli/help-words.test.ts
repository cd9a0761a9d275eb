import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { commands, loadCommand } from './registry.ts';

/** One or two words that are repeated, as in “only only configs” or “number of number of prefixes”. */
const repeated = /\b([a-z]+(?: [a-z]+)?) \1\b/i;

const withChildren = (command: Command): Command[] => [command, ...command.commands.flatMap(withChildren)];

test('no description of a command, argument or option repeats a word', async () => {
  const roots = await Promise.all(Object.keys(commands).map(loadCommand));
  const texts = roots
    .flatMap(withChildren)
    .flatMap((command) => [
      command.description(),
      ...[...command.registeredArguments, ...command.options].map(({ description }) => description),
    ]);
  expect(texts.length).toBeGreaterThan(200);
  expect(texts.filter((text) => repeated.test(text))).toEqual([]);
});
