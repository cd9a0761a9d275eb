import { Command, Option } from 'commander';
import { collect, processResults, readRows, summaryMarkdown } from '../../../results/index.ts';
import { jsonOption } from '../../options.ts';
import { agenticCommand, agenticGateCommand } from './agentic.ts';
import { compareCommand } from './compare.ts';
import { importCommand } from './import.ts';
import { powerCommand } from './power.ts';
import { successRateCommand } from './success-rate.ts';

/** `inferencemax results`: turns measurements into rows, tables and rates. */
export function command(): Command {
  return new Command('results')
    .description('Turns measurements into result rows, tables and rates.')
    .addCommand(processCommand())
    .addCommand(powerCommand())
    .addCommand(agenticCommand())
    .addCommand(agenticGateCommand())
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
NUM_WORKERS, TP, EP, DP_ATTN. On several nodes a job may have a raw result for each of its points,
<RESULT_FILENAME>_*_gpus_<all>_ctx_<prefill>_gen_<decode>.json, and each becomes a row.

A raw result with start and end times, or a public one dated August 2026 or later, also gets measured power, as
with \`results power\`: on one node from gpu_metrics.csv (GPU_METRICS_CSV), on several nodes from LOGS/power
(POWER_ARTIFACT_DIR, POWER_RESULT_ROOT, POWER_PRODUCER_SHA). With REQUIRE_POWER=1 the command
fails if the power measurement is not valid.

Example:
  RESULT_FILENAME=smollm2_32_64_q4_llama.cpp_tp1_conc8 RUNNER_TYPE=cpu FRAMEWORK=llama.cpp PRECISION=q4 \\
  SPEC_DECODING=none ISL=32 OSL=64 DISAGG=false MODEL_PREFIX=smollm2 IMAGE=npm:node-llama-cpp@3.22.1 \\
  TP=1 EP_SIZE=1 DP_ATTENTION=false inferencemax results process`,
    )
    .action(async (folder: string, { json }: JsonOption) => {
      const processed = await processResults(folder, process.env);
      const [{ row } = { row: undefined }, ...others] = processed;
      const rows = others.length === 0 ? row : processed.map((one) => one.row);
      const lines = processed.map(({ file }) => `wrote ${file}\n`).join('');
      process.stdout.write(json ? `${JSON.stringify(rows)}\n` : lines);
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
