import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { defaultRunnerConfig } from '../../app/default-files.ts';
import { performSweep } from '../../app/perform-sweep.ts';
import { performScript } from '../../app/run-script.ts';
import { StateFolder } from '../../app/state-folder.ts';
import { newSweepId } from '../../app/sweep-id.ts';
import { loadRunnerPools } from '../../config/index.ts';
import { InputError } from '../../errors.ts';
import { findSweep, RunDirectory, type Sweep } from '../../sweep/index.ts';
import { type AskedOptions, askedSweep, withAskedOptions } from '../asked.ts';
import { entriesFrom, withEntriesOptions } from '../entries.ts';
import { storeLocation } from '../store-location.ts';
import { accuracyCheckOf, rulesOf, type SweepOptionValues, sweepOptions } from '../sweep-options.ts';

interface RunOptions extends AskedOptions, SweepOptionValues {
  readonly resume?: string | true;
  readonly script?: string;
}

/** `inferencemax run`: measures the points of a plan. */
export function command(): Command {
  const run = withAskedOptions(
    withEntriesOptions(
      new Command('run').description('Starts the engines, measures every point and keeps the results.'),
    ),
  ).addOption(
    new Option(
      '--resume [sweep]',
      'go on with a sweep that was interrupted or failed (default: the newest one)',
    ).conflicts([
      'configKeys',
      'entries',
      'plan',
      'changelog',
      'session',
      'adaptive',
      'share',
      'oneStartPerPoint',
      'launcher',
    ]),
  );
  run.addOption(
    new Option(
      '--script <file>',
      'a benchmark script that starts its own server; it is run for each point instead of a recipe',
    ).conflicts('resume'),
  );
  for (const option of sweepOptions()) run.addOption(option);
  return run
    .addHelpText(
      'after',
      `
Examples:
  inferencemax run --config-keys smollm2-q4-cpu-llamacpp
  inferencemax generate test-config --config-keys smollm2-q4-cpu-llamacpp | inferencemax run --entries -
  inferencemax run --changelog origin/main..HEAD --time-budget 2h
  inferencemax run --config-keys smollm2-q4-cpu-llamacpp --adaptive
  inferencemax run --config-keys smollm2-q4-cpu-llamacpp --repeat 5
  inferencemax run --resume
  inferencemax run --script benchmarks/my_script.sh --config-keys smollm2-q4-cpu-llamacpp

Sessions run beside each other on the nodes of their pools. Ctrl-C stops the engines and keeps every finished point;
--resume measures the rest. \`inferencemax sweep show\` tells what happened.
Exit codes: 0 every point measured, skipped or left out for want of time, or nothing to measure, 1 some failed, 2 bad usage or input,
130 interrupted.`,
    )
    .action(async (options: RunOptions) => {
      const state = new StateFolder(options.stateDir);
      if (options.script !== undefined) {
        process.exitCode = await performScript(await entriesFrom(options), {
          state,
          store: storeLocation(options),
          script: options.script,
          timeoutS: (options.readyTimeout ?? 3600) + (options.pointTimeout ?? 3600),
          json: options.json ?? false,
          ...(options.port === undefined ? {} : { port: options.port }),
        });
        return;
      }
      const asked =
        options.resume === undefined ? await askedSweep(options, storeLocation(options)) : undefined;
      if (asked?.plan.sessions.length === 0) {
        process.stderr.write('nothing to measure: the list of entries is empty\n');
        if (options.json) process.stdout.write(`${JSON.stringify(nothingMeasured)}\n`);
        return;
      }
      const { directory, sweep } =
        asked === undefined ? await find(state, options.resume) : await createSweep(state, 'run', asked);
      process.exitCode = await performSweep(directory, sweep, {
        ...performOptions(state, options),
        pools: await loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig()),
      });
    });
}

/** The options of `performSweep` as the command line gave them. */
export function performOptions(state: StateFolder, options: SweepOptionValues) {
  const evals = accuracyCheckOf(options);
  return {
    state,
    store: storeLocation(options),
    cacheDir: resolve(options.cacheDir),
    rules: rulesOf(options),
    json: options.json ?? false,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.timeBudget === undefined ? {} : { timeBudgetS: options.timeBudget }),
    telemetry: options.telemetry,
    ...(evals === undefined ? {} : { evals }),
  };
}

/** What is printed as JSON where nothing was asked, as `stale` does on the best of days. */
const nothingMeasured = { finished: 0, failed: 0, skipped: 0, leftOut: 0, interrupted: false, rows: [] };

/** Writes down a new sweep, so that whatever happens next can be resumed. */
export async function createSweep(
  state: StateFolder,
  name: string,
  asked: Omit<Sweep, 'sweepId' | 'createdAt' | 'command'>,
) {
  const now = new Date();
  const sweep: Sweep = {
    sweepId: newSweepId(name, now),
    createdAt: now.toISOString(),
    command: name,
    ...asked,
  };
  const directory = new RunDirectory(join(state.runs, sweep.sweepId));
  await directory.create(sweep);
  return { directory, sweep };
}

async function find(state: StateFolder, resume: string | true = true) {
  const found = await findSweep(state.runs, resume === true ? undefined : resume);
  if (found !== undefined) return found;
  throw new InputError(
    resume === true ? `there is no sweep in ${state.runs}` : `there is no sweep ${resume} in ${state.runs}`,
    'start one with --config-keys, or name its folder with --state-dir',
  );
}
