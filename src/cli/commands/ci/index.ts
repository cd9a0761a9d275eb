import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { z } from 'zod';
import { defaultRunnerConfig } from '../../../app/default-files.ts';
import { StateFolder } from '../../../app/state-folder.ts';
import { openSweep } from '../../../app/sweeps.ts';
import { parseJson } from '../../../bounded-json.ts';
import {
  commentEventSchema,
  jobOutputs,
  permissionSchema,
  pullRequestSchema,
  refuseFileOptions,
  sweepJobs,
  sweepRequest,
  wordsOf,
} from '../../../ci/index.ts';
import { loadRunnerPools } from '../../../config/index.ts';
import { InputError, type Problem } from '../../../errors.ts';
import { textOfNamed } from '../../../named-file.ts';
import { printableLines } from '../../../printable.ts';
import { readRows } from '../../../results/index.ts';
import { reasonFor } from '../../../schema-words.ts';
import { type SweepStory, storyOf, sweepsIn } from '../../../sweep/index.ts';
import { type AskedOptions, askedBy, withAskedOptions } from '../../asked.ts';
import { type EntriesOptions, entriesFrom, planAndWarn, withEntriesOptions } from '../../entries.ts';
import { jsonOption } from '../../options.ts';
import { performAndPrint } from '../../perform.ts';
import { loadCommand } from '../../registry.ts';
import { storeLocation } from '../../store-location.ts';
import { performOptions, type SweepOptionValues, sweepOptions } from '../../sweep-options.ts';
import { priorityCommand } from './priority.ts';
import { jobOf, runnerStateDir, setOutput, sweepIdOf } from './run-job.ts';
import { ciSummary, failureSummary } from './summary.ts';

/** `inferencemax ci`: commands for workflows, so that user input is never part of a shell script. */
export function command(): Command {
  return new Command('ci')
    .description(
      'Commands for CI workflows. User input arrives in environment variables and is parsed here, never by a shell.',
    )
    .addCommand(jobs())
    .addCommand(generate())
    .addCommand(runJob())
    .addCommand(summary())
    .addCommand(request())
    .addCommand(priorityCommand())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax ci jobs --entries sweep/entries.json >> "$GITHUB_OUTPUT"',
    );
}

function jobs(): Command {
  return withEntriesOptions(
    new Command('jobs').description(
      'Prints the jobs of a sweep, one per engine session, as lines for $GITHUB_OUTPUT: count, single-node, multi-node.',
    ),
  )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax ci jobs --entries sweep/entries.json >> "$GITHUB_OUTPUT"',
    )
    .action(async (options: EntriesOptions & { readonly json?: true }) => {
      const planned = sweepJobs(await planAndWarn(await entriesFrom(options), options, 'plan'));
      process.stdout.write(options.json ? `${JSON.stringify(planned)}\n` : jobOutputs(planned));
    });
}

function generate(): Command {
  return new Command('generate')
    .description('Runs `generate` with a command line from an environment variable.')
    .addOption(
      new Option('--from-env <name>', 'variable with the command line').default('GENERATE_CLI_COMMAND'),
    )
    .addHelpText(
      'after',
      "\nExample:\n  GENERATE_CLI_COMMAND='test-config --config-keys gptoss-*' inferencemax ci generate > entries.json",
    )
    .action(async ({ fromEnv }: { readonly fromEnv: string }, self: Command) => {
      const line = process.env[fromEnv];
      if (line === undefined || line.trim() === '')
        throw new InputError(
          `${fromEnv} does not contain a command line`,
          'such as: test-config --config-keys gptoss-*',
          { code: 'bad-option' },
        );
      const words = wordsOf(line);
      refuseFileOptions(words);
      await settingsLike(await loadCommand('generate'), self).parseAsync(
        words[0] === 'generate' ? words.slice(1) : words,
        {
          from: 'user',
        },
      );
    });
}

/** Makes a lazily loaded command report its errors like the running program does. */
function settingsLike(command: Command, like: Command): Command {
  command.copyInheritedSettings(like).exitOverride();
  for (const child of command.commands) settingsLike(child, like);
  return command;
}

interface RunJobOptions extends AskedOptions, SweepOptionValues {
  readonly jobFromEnv: string;
}

function runJob(): Command {
  const running = withAskedOptions(
    withEntriesOptions(
      new Command('run').description(
        'Measures the engine sessions of one job on this runner; points that have already been measured are kept.',
      ),
    ),
  ).addOption(new Option('--job-from-env <name>', 'variable with the job as JSON').default('JOB'));
  for (const option of sweepOptions()) {
    running.addOption(option.long === '--state-dir' ? option.default(runnerStateDir(process.env)) : option);
  }
  return running
    .addHelpText(
      'after',
      '\nExample:\n  JOB=\'{"id":"a","sessions":["…"]}\' inferencemax ci run --entries sweep/entries.json',
    )
    .action(async (options: RunJobOptions) => {
      const job = jobOf(options.jobFromEnv, process.env);
      const state = new StateFolder(options.stateDir);
      const asked = await askedBy({ ...options, session: job.sessions }, storeLocation(options));
      const kept = await openSweep(state, sweepIdOf(job, process.env), 'ci run', async () => asked);
      await setOutput('run-directory', kept.directory.path, process.env);
      process.exitCode = await performAndPrint(kept, {
        ...(await performOptions(state, options)),
        pools: await loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig()),
      });
    });
}

function summary(): Command {
  return new Command('summary')
    .description(
      'Prints the results of all runs in a folder as Markdown: tables, and each failure with its class, log and retry command.',
    )
    .argument('<folder>', 'folder with one run directory per job')
    .option(
      '--only-failures',
      'print only one line per failure, for example for a comment; nothing if there are no failures',
    )
    .addHelpText(
      'after',
      `
Examples:
  inferencemax ci summary runs >> "$GITHUB_STEP_SUMMARY"
  inferencemax ci summary runs --only-failures >> comment.md`,
    )
    .action(async (folder: string, { onlyFailures }: { readonly onlyFailures?: true }) => {
      const damaged: Problem[] = [];
      const sweeps = await sweepsIn(folder, (problems) => damaged.push(...problems));
      if (sweeps.length === 0 && damaged.length === 0) throw new InputError(`there is no run in ${folder}`);
      const stories = await Promise.all(
        sweeps.map(async ({ directory, sweep }) => {
          const history = await directory.history().catch((error: unknown) => {
            if (!(error instanceof InputError)) throw error;
            damaged.push(...error.problems);
          });
          return history === undefined ? [] : [storyOf(sweep, history)];
        }),
      );
      const folders = sweeps.map(({ directory }) => directory.rows).filter((path) => existsSync(path));
      const rows = folders.length === 0 ? [] : await readRows(folders);
      const told =
        onlyFailures === true
          ? failureSummary(stories.flat())
          : ciSummary(stories.flat(), rows, retryCommand(process.env));
      process.stdout.write(printableLines(told));
      // Print what can be read first; missing parts still fail the command.
      if (damaged.length > 0) throw new InputError(damaged);
    });
}

/** The command that retries a failed sweep: in a workflow its failed jobs, elsewhere the sweep itself. */
function retryCommand(environment: NodeJS.ProcessEnv): (story: SweepStory) => string {
  const { GITHUB_RUN_ID: runId, GITHUB_REPOSITORY: repository } = environment;
  return ({ sweepId }) =>
    runId === undefined || repository === undefined
      ? `inferencemax run --resume ${sweepId}`
      : `gh run rerun ${runId} --failed --repo ${repository}`;
}

interface RequestOptions {
  readonly event: string;
  readonly pull: string;
  readonly permission: string;
  readonly json?: true;
}

function request(): Command {
  return new Command('sweep-request')
    .description(
      'Reads a /sweep comment and prints whether its author may start a sweep, the commit, and what to measure, as lines for $GITHUB_OUTPUT.',
    )
    .addOption(new Option('--event <file>', "GitHub's event, $GITHUB_EVENT_PATH").makeOptionMandatory())
    .addOption(
      new Option('--pull <file>', "the pull request, as returned by GitHub's API").makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--permission <file>',
        "the author's permission, as returned by GitHub's API",
      ).makeOptionMandatory(),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax ci sweep-request --event "$GITHUB_EVENT_PATH" --pull pull.json --permission permission.json',
    )
    .action(async ({ event, pull, permission, json }: RequestOptions) => {
      const asked = sweepRequest(
        await readAs(event, commentEventSchema),
        await readAs(pull, pullRequestSchema),
        await readAs(permission, permissionSchema),
      );
      process.stdout.write(
        json
          ? `${JSON.stringify(asked)}\n`
          : `sha=${asked.sha}\nown-code=${asked.ownCode}\ngenerate-cli-command=${asked.generate.map(quoted).join(' ')}\n`,
      );
    });
}

/** Quotes a word so that `wordsOf` reads it back. */
function quoted(word: string): string {
  return word.includes("'") ? `"${word}"` : `'${word}'`;
}

async function readAs<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.infer<Schema>> {
  const text = await textOfNamed(file);
  try {
    return schema.parse(parseJson(text));
  } catch (error) {
    throw new InputError([{ file, message: reasonFor(error) }]);
  }
}
