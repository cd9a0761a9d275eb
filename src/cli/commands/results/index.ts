import { Command, Option } from 'commander';
import { defaultRunnerConfig } from '../../../app/default-files.ts';
import { parseJson } from '../../../bounded-json.ts';
import { loadRunnerPools } from '../../../config/index.ts';
import { InputError } from '../../../errors.ts';
import { textOfNamedOrInput } from '../../../named-file.ts';
import {
  collect,
  hardwareOfPools,
  jobsSchema,
  processResult,
  readJsonFiles,
  readRows,
  type SuccessRate,
  successRates,
  summaryMarkdown,
} from '../../../results/index.ts';
import { reasonFor } from '../../../schema-words.ts';
import { jsonOption } from '../../options.ts';
import { compareCommand } from './compare.ts';
import { importCommand } from './import.ts';
import { powerCommand } from './power.ts';

/** `inferencemax results`: turns measurements into rows, tables and rates. */
export function command(): Command {
  return new Command('results')
    .description('Turns measurements into result rows, tables and rates.')
    .addCommand(processCommand())
    .addCommand(powerCommand())
    .addCommand(collectCommand())
    .addCommand(summarizeCommand())
    .addCommand(successRateCommand())
    .addCommand(importCommand())
    .addCommand(compareCommand())
    .addHelpText('after', '\nExample:\n  inferencemax results summarize .inferencemax/runs/*/agg');
}

interface JsonOption {
  readonly json?: true;
}

function processCommand(): Command {
  return new Command('process')
    .description('Writes the aggregate row of a raw result as agg_<RESULT_FILENAME>.json next to it.')
    .argument('[folder]', 'where <RESULT_FILENAME>.json is', '.')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Reads the job from the environment: RUNNER_TYPE, FRAMEWORK, PRECISION, SPEC_DECODING, RESULT_FILENAME, ISL, OSL, DISAGG,
MODEL_PREFIX, IMAGE; on one node TP, EP_SIZE, DP_ATTENTION; with IS_MULTINODE=true PREFILL_ and DECODE_ GPUS,
NUM_WORKERS, TP, EP, DP_ATTN. A raw result with start and end times also gets measured power from gpu_metrics.csv, as
"results power" does; REQUIRE_POWER=1 fails if it cannot be used.

Example:
  RESULT_FILENAME=smollm2_32_64_q4_llama.cpp_tp1_conc8 RUNNER_TYPE=cpu FRAMEWORK=llama.cpp PRECISION=q4 \\
  SPEC_DECODING=none ISL=32 OSL=64 DISAGG=false MODEL_PREFIX=smollm2 IMAGE=npm:node-llama-cpp@3.22.1 \\
  TP=1 EP_SIZE=1 DP_ATTENTION=false inferencemax results process`,
    )
    .action(async (folder: string, { json }: JsonOption) => {
      const { file, row } = await processResult(folder, process.env);
      process.stdout.write(json ? `${JSON.stringify(row)}\n` : `wrote ${file}\n`);
    });
}

function collectCommand(): Command {
  return new Command('collect')
    .description('Collects all JSON files in a folder (recursively) into one array, agg_<name>.json.')
    .argument('<folder>', 'the folder')
    .argument('<name>', 'name of the collection')
    .addOption(new Option('--out-dir <folder>', 'output folder').default('.'))
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax results collect results/ gptoss_1k1k')
    .action(async (folder: string, name: string, { outDir, json }: JsonOption & { outDir: string }) => {
      const { file, collected } = await collect(folder, name, outDir);
      process.stdout.write(
        json ? `${JSON.stringify({ file, collected })}\n` : `wrote ${file} with ${collected} results\n`,
      );
    });
}

function summarizeCommand(): Command {
  return new Command('summarize')
    .description('Prints aggregate rows as Markdown tables.')
    .argument('<paths...>', 'aggregate rows, lists of them, or folders of such files')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax results summarize .inferencemax/runs/quickstart-20260114-101500-3f9a/agg',
    )
    .action(async (paths: readonly string[], { json }: JsonOption) => {
      const rows = await readRows(paths);
      process.stdout.write(json ? `${JSON.stringify(rows)}\n` : summaryMarkdown(rows));
    });
}

interface SuccessRateOptions extends JsonOption {
  readonly hardware?: readonly string[];
  readonly runnerConfig?: string;
}

function successRateCommand(): Command {
  return new Command('success-rate')
    .description('Counts the successful jobs of a CI run per hardware; skipped jobs are ignored.')
    .argument('<jobs...>', "files with jobs as returned by GitHub's API, or - for standard input")
    .addOption(
      new Option('--hardware <names...>', 'hardware names to look for in job names (default: the pools)'),
    )
    .addOption(
      new Option('--runner-config <file>', 'runner pool file (default: .github/configs/runners.yaml)'),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  gh api --paginate --slurp repos/OWNER/REPO/actions/runs/RUN_ID/jobs | inferencemax results success-rate -`,
    )
    .action(async (files: readonly string[], options: SuccessRateOptions) => {
      const jobs = files.includes('-')
        ? await jobsFromInput()
        : await readJsonFiles(files, jobsSchema, jobList);
      const hardware = options.hardware ?? (await pooledHardware(options.runnerConfig));
      const rates = successRates(jobs.flat(), hardware);
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

async function pooledHardware(runnerConfig: string | undefined): Promise<string[]> {
  return hardwareOfPools((await loadRunnerPools(runnerConfig ?? defaultRunnerConfig())).keys());
}

function rateLines(rates: Readonly<Record<string, SuccessRate>>): string {
  const entries = Object.entries(rates);
  if (entries.length === 0) return 'no job name contains any of the hardware names\n';
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries
    .map(([name, { n_success, total }]) => {
      const percent = ((100 * n_success) / total).toFixed(1);
      return `${name.padEnd(width)}  ${n_success} of ${total} succeeded (${percent} %)\n`;
    })
    .join('');
}
