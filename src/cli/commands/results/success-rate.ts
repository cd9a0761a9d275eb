import { Command, Option } from 'commander';
import { defaultRunnerConfig } from '../../../app/default-files.ts';
import { writeFileAtomically } from '../../../atomic-file.ts';
import { parseJson } from '../../../bounded-json.ts';
import { loadRunnerPools } from '../../../config/index.ts';
import { InputError } from '../../../errors.ts';
import { textOfNamedOrInput } from '../../../named-file.ts';
import {
  fleetRates,
  fleetsOf,
  hardwareBesideFleets,
  hardwareOfPools,
  jobsSchema,
  readJsonFiles,
  type SuccessRate,
  successRates,
} from '../../../results/index.ts';
import { reasonFor } from '../../../schema-words.ts';
import { jsonOption } from '../../options.ts';

interface SuccessRateOptions {
  readonly hardware?: readonly string[];
  readonly runnerConfig?: string;
  readonly output?: string;
  readonly json?: true;
}

type Rates = Readonly<Record<string, SuccessRate>>;
type Jobs = Parameters<typeof successRates>[0];

/** `inferencemax results success-rate`. */
export function successRateCommand(): Command {
  return new Command('success-rate')
    .description(
      'Counts the successful jobs of a CI run per fleet of runners, or per GPU type if the runner config has no fleets; skipped jobs are ignored.',
    )
    .argument('<jobs...>', "files with jobs as returned by GitHub's API, or - for standard input")
    .addOption(
      new Option('--hardware <names...>', 'hardware names to look for in job names (default: the pools)'),
    )
    .addOption(
      new Option('--runner-config <file>', 'runner pool file (default: .github/configs/runners.yaml)'),
    )
    .addOption(new Option('--output <file>', 'also write the rates as JSON, such as run_stats.json'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A fleet is a label of the runner config that begins with cluster:. A job counts for the first fleet whose name is a whole
word of the job's name; jobs of all attempts count.

Example:
  gh api --paginate --slurp 'repos/OWNER/REPO/actions/runs/RUN_ID/jobs?filter=all' |
    inferencemax results success-rate - --output run_stats.json`,
    )
    .action(async (files: readonly string[], options: SuccessRateOptions) => {
      const jobs = files.includes('-')
        ? await jobsFromInput()
        : await readJsonFiles(files, jobsSchema, jobList);
      const rates = await ratesOf(jobs.flat(), options);
      const text = JSON.stringify(rates, null, 2);
      if (options.output !== undefined) await writeFileAtomically(options.output, `${text}\n`);
      process.stdout.write(options.json ? `${JSON.stringify(rates)}\n` : rateLines(rates));
    });
}

const jobList = 'a list of jobs, each with a name and a conclusion';

async function jobsFromInput() {
  const text = await textOfNamedOrInput('-');
  try {
    return [jobsSchema.parse(parseJson(text))];
  } catch (error) {
    throw new InputError([{ file: 'standard input', message: `not ${jobList}: ${reasonFor(error)}` }]);
  }
}

/** Rates by fleet if the runners file has fleets, otherwise by hardware. */
async function ratesOf(jobs: Jobs, { hardware, runnerConfig }: SuccessRateOptions): Promise<Rates> {
  if (hardware !== undefined) return successRates(jobs, hardware);
  const pools = await loadRunnerPools(runnerConfig ?? defaultRunnerConfig());
  const fleets = fleetsOf(pools);
  if (fleets.length === 0) return successRates(jobs, hardwareOfPools(pools.keys()));
  return { ...successRates(jobs, hardwareBesideFleets(pools)), ...fleetRates(jobs, fleets) };
}

function rateLines(rates: Rates): string {
  const entries = Object.entries(rates).filter(([, { total }]) => total > 0);
  if (entries.length === 0) return 'no job name contains any of the fleet or hardware names\n';
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries
    .map(([name, { n_success, total }]) => {
      const percent = ((100 * n_success) / total).toFixed(2);
      return `${name.padEnd(width)}  ${n_success} of ${total} succeeded (${percent} %)\n`;
    })
    .join('');
}
