import { Command } from 'commander';
import { expect, test } from 'vitest';
import { command as run } from './commands/run.ts';
import { groupOptions } from './option-groups.ts';

test('every option of run has a title, except those that every command has', () => {
  const ungrouped = run().options.filter(({ helpGroupHeading }) => helpGroupHeading === undefined);
  expect(ungrouped.map(({ long }) => long)).toEqual(['--json']);
  const help = run().helpInformation();
  const titles = [...help.matchAll(/^[A-Z].*:$/gm)].map(([title]) => title);
  expect(titles).toContain('Time limits and retries:');
  expect(titles).toContain('Options:');
});

test('a group with an unknown option is an error', () => {
  const groups = { 'Other:': ['--nothing'] };
  expect(() => groupOptions(new Command('some'), groups)).toThrow('some has no option --nothing');
});
