import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../../../errors.ts';

/** Where the changelog is. */
export interface FileOptions {
  readonly changelogFile: string;
}

/** And the files that say what its keys are. */
export interface ConfigFileOptions extends FileOptions {
  readonly configFiles?: readonly string[];
  readonly runnerConfig?: string;
}

export function withChangelogFile(command: Command): Command {
  return command.addOption(
    new Option('--changelog-file <file>', 'path of the changelog from the repository root').default(
      'perf-changelog.yaml',
    ),
  );
}

export function withFiles(command: Command): Command {
  return withChangelogFile(command)
    .addOption(
      new Option('--config-files <files...>', 'master config files (default: those in .github/configs)'),
    )
    .addOption(
      new Option(
        '--runner-config <file>',
        'runner pool file (default: runners.yaml beside the configs or in the folder above)',
      ),
    );
}

/** Labels of a pull request that change what its entries ask for. */
export function withModifiers(command: Command): Command {
  return command
    .addOption(new Option('--trim-conc', 'measure each recipe at its lowest concurrency only'))
    .addOption(new Option('--all-evals', 'also run evals for every eligible entry'))
    .addOption(new Option('--evals-only', 'run evals only, and measure no throughput'));
}

/** Unusable files and keys exit with 1, not 2, like in the public tool. */
export async function failing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof InputError ? error.asFailedRun() : error;
  }
}

/** Parses the address of pull requests but for their numbers. */
export function addressOfPulls(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('expected a URL, such as https://github.com/org/repo/pull/');
  return text.endsWith('/') ? text : `${text}/`;
}
