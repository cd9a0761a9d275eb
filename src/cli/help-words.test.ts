import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { commands, loadCommand } from './registry.ts';

/** One word or two that stand there twice, as in “only only configs” or “number of number of prefixes”. */
const repeated = /\b([a-z]+(?: [a-z]+)?) \1\b/i;

const withChildren = (command: Command): Command[] => [command, ...command.commands.flatMap(withChildren)];

test('no description of a command, an argument or an option repeats its words', async () => {
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
