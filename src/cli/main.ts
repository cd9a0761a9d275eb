import { Command } from 'commander';
import { productVersion } from '../product-version.ts';
import { watchOutputs } from './interrupt.ts';
import { commands, loadCommand } from './registry.ts';
import { report } from './report.ts';
import { shareOptions } from './shared-options.ts';

/**
 * Runs a command line and returns its exit code: 0 good, 1 work failed, 2 bad usage or input, 130 interrupted. Only the
 * module of the named command is loaded, to keep start-up fast.
 */
export async function main(argv: readonly string[]): Promise<number> {
  watchOutputs();
  try {
    const words = asOptions(argv);
    const program = await programFor(words[0]);
    await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error, argv.includes('--json'));
  }
}

function asOptions([first, ...rest]: readonly string[]): readonly string[] {
  // For an unknown command, commander prints an error with a suggestion.
  if (first === 'help')
    return rest[0] === undefined || Object.hasOwn(commands, rest[0]) ? [...rest, '--help'] : rest;
  return first === undefined ? [] : [first === 'version' ? '--version' : first, ...rest];
}

async function programFor(name: string | undefined): Promise<Command> {
  const program = new Command('inferencemax')
    .description('Benchmarks LLM inference across hardware and serving engines.')
    .showHelpAfterError('(add --help for options and an example)')
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  if (name !== undefined && Object.hasOwn(commands, name)) {
    program.addCommand(await loadCommand(name));
  } else {
    program.version(`inferencemax ${productVersion()}`, '-V, --version', 'print the version');
    for (const [key, summary] of Object.entries(commands)) program.command(key).summary(summary);
  }
  shareOptions(program);
  exitByThrowing(program);
  return program;
}

const excess = /^error: too many arguments for '(\S+)'\. Expected 0 arguments but got \d+: (.*)\.$/m;

/** Commander only counts unexpected arguments; this names them and says what to do. */
function withExcessExplained(text: string): string {
  return text.replace(excess, (_, command: string, words: string) => {
    const hint = /^[\d, ]+$/.test(words) ? ' (write a list of numbers with commas, such as 1,2,4)' : '';
    return `error: ${command} takes no arguments besides its options, but got ${words}${hint}`;
  });
}

/** Makes commander throw instead of ending the process, so that every exit goes through `report`. */
function exitByThrowing(command: Command): void {
  command
    .exitOverride()
    .helpCommand(false)
    .configureOutput({ outputError: (text, write) => write(withExcessExplained(text)) });
  for (const child of command.commands) exitByThrowing(child);
}
