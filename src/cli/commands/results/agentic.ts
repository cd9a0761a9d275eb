import { Command, Option } from 'commander';
import { WorkError } from '../../../errors.ts';
import {
  isPowerRequired,
  judgeAgentic,
  processAgentic,
  reasonsInWords,
  requireValid,
} from '../../../results/index.ts';
import { fraction, jsonOption } from '../../options.ts';
import { tellError, tellUnless } from '../../report.ts';

interface AgenticOptions {
  readonly resultDir?: string;
  readonly outputDir?: string;
  readonly json?: true;
}

/** `inferencemax results agentic`: the row of an agentic run. */
export function agenticCommand(): Command {
  return new Command('agentic')
    .description(
      "Creates the row of an agentic run from AIPerf's exports, the server's metrics and logs, and the job's environment.",
    )
    .option(
      '--result-dir <folder>',
      'folder with aiperf_artifacts/, and server.log if present (default: $RESULT_DIR or results)',
    )
    .option('--output-dir <folder>', 'folder of the row (default: $AGENTIC_OUTPUT_DIR or .)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Reads profile_export.jsonl (one line per request), profile_export_aiperf.json and server_metrics_export.json, and writes
<RESULT_FILENAME>.json. Cache hits, KV cache and offloading are read from the metrics of vLLM, SGLang, ATOM or Dynamo,
the size of the KV cache also from server.log and watchtower-*.out.

Reads the job from the environment: RESULT_FILENAME, KV_OFFLOADING (none or dram), RUNNER_TYPE, CONC, IMAGE, MODEL,
MODEL_PREFIX, FRAMEWORK, PRECISION, SPEC_DECODING, DISAGG; with offloading KV_OFFLOAD_BACKEND and
KV_OFFLOAD_BACKEND_METADATA; on one node TP, EP_SIZE, DP_ATTENTION, PP_SIZE, DCP_SIZE, PCP_SIZE; with IS_MULTINODE=true
the same for PREFILL_ and DECODE_. If the result folder has gpu_metrics.csv, the row gets measured power, as with
\`results power\`; with REQUIRE_POWER=1 the command fails if the power measurement is not valid.

Example:
  RESULT_FILENAME=dsv4_tp8_conc8 KV_OFFLOADING=none FRAMEWORK=vllm TP=8 CONC=8 inferencemax results agentic`,
    )
    .action(async ({ resultDir, outputDir, json }: AgenticOptions) => {
      const { RESULT_DIR: ownResults, AGENTIC_OUTPUT_DIR: ownOutput } = process.env;
      const { file, row, power } = await processAgentic(
        { resultDir: resultDir ?? (ownResults || 'results'), outputDir: outputDir ?? (ownOutput || '.') },
        process.env,
      );
      const invalid =
        power?.audit.power_valid === false ? `power is not valid: ${reasonsInWords(power.audit)}\n` : '';
      process.stdout.write(json ? `${JSON.stringify(row)}\n` : `wrote ${file}\n${invalid}`);
      if (power !== undefined && isPowerRequired(process.env)) tellUnless(() => requireValid(power));
    });
}

interface GateOptions {
  readonly failedRequestThreshold: number;
  readonly json?: true;
}

/** `inferencemax results agentic-gate`: whether an agentic run can be published. */
export function agenticGateCommand(): Command {
  return new Command('agentic-gate')
    .description('Fails if an agentic run completed no requests, or if too many of its requests failed.')
    .argument('<folder>', 'folder that contains profile_export_aiperf.json, directly or in a subfolder')
    .addOption(
      new Option('--failed-request-threshold <share>', 'largest share of failed requests, from 0 to 1')
        .argParser(fraction)
        .default(0.1),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax results agentic-gate results/aiperf_artifacts')
    .action(async (folder: string, { failedRequestThreshold, json }: GateOptions) => {
      const verdict = await judgeAgentic(folder, failedRequestThreshold);
      const { failed, completed, reasons } = verdict;
      if (json) process.stdout.write(`${JSON.stringify(verdict)}\n`);
      if (reasons.length > 0)
        process.exitCode = tellError(new WorkError(`the run cannot be published: ${reasons.join('; ')}`));
      else if (!json) process.stdout.write(`${failed} of ${completed} requests failed, within the limit\n`);
    });
}
