import { Command, Option } from 'commander';
import { defaultRunnerConfig } from '../../app/default-files.ts';
import { type ResumedSweep, resumeSweep } from '../../app/resume.ts';
import { StateFolder } from '../../app/state-folder.ts';
import { createSweep, sweepToResume } from '../../app/sweeps.ts';
import { loadRunnerPools } from '../../config/index.ts';
import { defined } from '../../defined/defined.ts';
import { InputError } from '../../errors.ts';
import { type AskedOptions, askedBy, wantsProfile, withAskedOptions } from '../asked.ts';
import { entriesFrom, noteOnStderr, warn, withEntriesOptions } from '../entries.ts';
import { groupOptions } from '../option-groups.ts';
import { performAndPrint } from '../perform.ts';
import { scriptAndPrint } from '../perform-script.ts';
import { storeLocation } from '../store-location.ts';
import { performOptions, type SweepOptionValues, sweepOptions } from '../sweep-options.ts';

interface RunOptions extends AskedOptions, SweepOptionValues {
  readonly resume?: string | true;
  readonly asPlanned?: true;
  readonly script?: string;
}

const groups = {
  'What to measure:': [
    '--config-files',
    '--runner-config',
    '--config-keys',
    '--entries',
    '--plan',
    '--changelog',
    '--changelog-file',
    '--session',
    '--priority',
    '--repeat',
    '--adaptive',
    '--script',
  ],
  'Profiler of the engine:': ['--profile', '--profile-seconds'],
  'How engines are started:': ['--share', '--one-start-per-point', '--launcher', '--port'],
  'Resume:': ['--resume', '--as-planned'],
  'Files and folders:': ['--store', '--state-dir', '--cache-dir', '--hash-weights'],
  'Time limits and retries:': [
    '--ready-timeout',
    '--point-timeout',
    '--time-budget',
    '--retries',
    '--deadline',
  ],
  'Accuracy checks and telemetry:': ['--no-evals', '--eval-limit', '--gsm8k', '--no-telemetry'],
};

/** `inferencemax run`: measures the points of a plan. */
export function command(): Command {
  const run = withAskedOptions(
    withEntriesOptions(
      new Command('run').description('Starts the engines, measures every point and stores the results.'),
    ),
  ).addOption(
    new Option(
      '--resume [sweep]',
      'continue a sweep that was interrupted or failed (default: the newest)',
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
      'profile',
      'profileSeconds',
    ]),
  );
  run.addOption(
    new Option('--as-planned', 'with --resume: keep the original plan, even if its configs have changed'),
  );
  run.addOption(
    new Option(
      '--script <file>',
      'benchmark script that starts its own server; it runs for each point instead of a recipe',
    ).conflicts('resume'),
  );
  for (const option of sweepOptions()) run.addOption(option);
  return groupOptions(run, groups)
    .addHelpText(
      'after',
      `
Examples:
  inferencemax run --config-keys smollm2-q4-cpu-llamacpp
  inferencemax generate test-config --config-keys smollm2-q4-cpu-llamacpp | inferencemax run --entries -
  inferencemax run --changelog origin/main..HEAD --time-budget 2h
  inferencemax run --config-keys smollm2-q4-cpu-llamacpp --adaptive
  inferencemax run --config-keys smollm2-q4-cpu-llamacpp --repeat 5
  inferencemax run --config-keys my-model-fp8-h200-vllm --profile
  inferencemax run --resume
  inferencemax run --script benchmarks/my_script.sh --config-keys smollm2-q4-cpu-llamacpp

Sessions run in parallel on the nodes of their pools. Ctrl-C stops the engines and keeps every finished point, and
--resume measures the rest. If the configs have changed since, it plans again and reports which points are kept, new
or dropped. \`inferencemax sweep show\` shows what happened.
Exit codes: 0 no point failed (some may have been skipped, or left out because time ran out), 1 some points failed,
2 bad usage or input, 130 interrupted.`,
    )
    .action(async (options: RunOptions) => {
      const state = new StateFolder(options.stateDir);
      if (options.script !== undefined) {
        process.exitCode = await scriptAndPrint(await entriesFrom(options), {
          state,
          store: storeLocation(options),
          script: options.script,
          profile: wantsProfile(options),
          timeoutS: (options.readyTimeout ?? 3600) + (options.pointTimeout ?? 3600),
          json: options.json ?? false,
          launcher: options.launcher,
          ...defined({ port: options.port }),
        });
        return;
      }
      const asked = options.resume === undefined ? await askedBy(options, storeLocation(options)) : undefined;
      if (asked?.plan.sessions.length === 0) {
        process.stderr.write('nothing to measure: the list of entries is empty\n');
        if (options.json) process.stdout.write(`${JSON.stringify(nothingMeasured)}\n`);
        return;
      }
      if (options.asPlanned && asked !== undefined)
        throw new InputError('--as-planned needs --resume', 'name the sweep to continue with --resume', {
          code: 'missing-option',
        });
      const { pools, ...kept } =
        asked === undefined
          ? await resumed(state, options)
          : {
              ...(await createSweep(state, 'run', asked)),
              pools: await loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig()),
            };
      process.exitCode = await performAndPrint(kept, { ...(await performOptions(state, options)), pools });
    });
}

/** The sweep to resume, planned again from its current configs; prints to stderr what has changed. */
async function resumed(
  state: StateFolder,
  { resume, asPlanned, configFiles, runnerConfig, json }: RunOptions,
): Promise<Omit<ResumedSweep, 'notes' | 'warnings'>> {
  const kept = await sweepToResume(state, resume === true ? undefined : resume);
  const files = { configFiles, runnerConfig };
  const { notes, warnings, ...next } = await resumeSweep(kept, { asPlanned: asPlanned === true, ...files });
  for (const note of notes) noteOnStderr(note, json);
  warn(warnings, json);
  return next;
}

/** The JSON output if there was nothing to measure, for example if `stale` printed no entries. */
const nothingMeasured = { finished: 0, failed: 0, skipped: 0, leftOut: 0, interrupted: false, rows: [] };
