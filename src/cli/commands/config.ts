import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { defaultConfigFiles, defaultRunnerConfig } from '../../app/default-files.ts';
import { migrateFiles } from '../../app/migrate-files.ts';
import { matchesPattern } from '../../config/index.ts';
import { printableLines } from '../../printable.ts';
import { jsonOption } from '../options.ts';

/** `inferencemax config`: changes config files. */
export function command(): Command {
  return new Command('config')
    .description('Changes master configs and runner pool files.')
    .addCommand(migrate())
    .addHelpText('after', '\nExample:\n  inferencemax config migrate --dry-run');
}

/** The KV cache transfer of the configs that match a pattern. */
interface Transfer {
  readonly pattern: string;
  readonly name: string;
}

interface MigrateOptions {
  readonly kvP2pTransfer?: readonly Transfer[];
  readonly dryRun?: true;
  readonly json?: true;
}

function migrate(): Command {
  return new Command('migrate')
    .description(
      'Converts files from the January 2026 format (seq-len-configs) to that of August 2026 (scenarios); comments and order are kept.',
    )
    .addArgument(
      new Argument('[files...]', 'master configs and runner pool files (default: the checked-in ones)'),
    )
    .addOption(
      new Option(
        '--kv-p2p-transfer <names...>',
        'KV cache transfer of configs with disagg: true, which the new format requires: NAME, or KEY=NAME with * as a wildcard',
      ).argParser(transfers),
    )
    .addOption(new Option('--dry-run', 'print what would be written and write nothing'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  inferencemax config migrate
  inferencemax config migrate my-master.yaml runners.yaml --kv-p2p-transfer nixl '*-mi355x-*=mori'

In the August contract, engines hold isl + osl + 256 tokens (200 before), so points must be measured again, and
results have longer names. Either all files are written, or none. Exit codes: 0 good, 2 a file cannot be expressed in the new format.`,
    )
    .action(async (files: readonly string[], options: MigrateOptions) => {
      const named = files.length > 0 ? files : [...defaultConfigFiles(), defaultRunnerConfig()];
      const { kvP2pTransfer: known = [], dryRun = false, json } = options;
      const transferOf = (key: string) => known.findLast(({ pattern }) => matchesPattern(key, pattern))?.name;
      const results = await migrateFiles(named, { transferOf, write: !dryRun });
      if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
      else
        for (const { file, changed } of results)
          process.stdout.write(
            `${printableLines(file)}: ${changed ? (dryRun ? 'would be written in the new format' : 'written in the new format') : 'already has the new format'}\n`,
          );
    });
}

function transfers(text: string, before: readonly Transfer[] | undefined): readonly Transfer[] {
  const [first = '', ...rest] = text.split('=');
  const transfer =
    rest.length === 0 ? { pattern: '*', name: first } : { pattern: first, name: rest.join('=') };
  if (transfer.name === '' || transfer.pattern === '')
    throw new InvalidArgumentError('expected NAME or KEY=NAME');
  return [...(before ?? []), transfer];
}
