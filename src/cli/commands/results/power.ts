import { Command, Option } from 'commander';
import { defined } from '../../../defined/defined.ts';
import { InputError } from '../../../errors.ts';
import {
  type AddedPower,
  addAgenticPower,
  addPower,
  addPowerOfNodes,
  benchmarkResult,
  isPowerRequired,
  reasonsInWords,
  requireValid,
} from '../../../results/index.ts';
import { jsonOption, wholeNumber } from '../../options.ts';
import { tellUnless } from '../../report.ts';

interface PowerOptions {
  readonly raw?: string;
  readonly hardware?: string;
  readonly resultDir?: string;
  readonly csv?: string;
  readonly benchResult?: string;
  readonly aggResult?: string;
  readonly expectedNumGpus?: number;
  readonly powerDir?: string;
  readonly logsRoot?: string;
  readonly prefillGpus?: number;
  readonly decodeGpus?: number;
  readonly expectedProducerSha?: string;
  readonly validationResult?: string;
  readonly requirePower?: true;
  readonly json?: true;
}

/** `inferencemax results power`: adds measured GPU power to a row. */
export function powerCommand(): Command {
  return new Command('power')
    .description(
      'Adds measured GPU power and joules per token to a row, and writes an audit file next to it.',
    )
    .option('--bench-result <file>', 'the raw result of the benchmark')
    .option(
      '--raw <file>',
      'instead of --bench-result: a raw result of InferenceMAX; prints the power that it recorded, and writes nothing',
    )
    .option(
      '--hardware <name>',
      'with --raw: GPU type, such as h100, to look up its board power (default: that of the node)',
    )
    .option(
      '--result-dir <folder>',
      'instead of a raw result: folder of an agentic run, with aiperf_artifacts/ and gpu_metrics.csv',
    )
    .option(
      '--agg-result <file>',
      'aggregate row of the benchmark, to which the figures are added; required without --raw',
    )
    .option(
      '--csv <file>',
      'power samples of one node, in the format of the GPU vendor tool (default: gpu_metrics.csv)',
    )
    .addOption(
      new Option('--expected-num-gpus <n>', 'GPUs that the engine uses on one node').argParser(wholeNumber),
    )
    .option(
      '--power-dir <folder>',
      'power samples of several nodes: manifest.json, samples.csv and windows/ (default: $POWER_ARTIFACT_DIR or LOGS/power)',
    )
    .option(
      '--logs-root <folder>',
      'folder to which the result paths in windows/ are relative (default: $POWER_RESULT_ROOT or LOGS)',
    )
    .addOption(
      new Option('--prefill-gpus <n>', 'number of prefill GPUs, on several nodes').argParser(wholeNumber),
    )
    .addOption(
      new Option('--decode-gpus <n>', 'number of decode GPUs, on several nodes').argParser(wholeNumber),
    )
    .addOption(
      new Option(
        '--expected-producer-sha <commit>',
        'expected commit of the program that wrote the samples of several nodes',
      ).env('POWER_PRODUCER_SHA'),
    )
    .option(
      '--validation-result <file>',
      'the audit (default: power_validation_<raw result> next to the row)',
    )
    .option('--require-power', 'fail if the power measurement is not valid (default: $REQUIRE_POWER)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Energy is integrated over the benchmark by the trapezoidal rule for each GPU, and summed over the GPUs. If the power
measurement is not valid, the row gets only power_valid 0, and the audit says why.

The window of an agentic run is that of its summary; if its times have no zone, agentic_power_timezone_offset.txt in the
folder has the offset from UTC, such as +02:00.

Samples of several nodes are checked against their manifest, and against the GPUs of --prefill-gpus and --decode-gpus.

Examples:
  inferencemax results power --raw .inferencemax/runs/ID/raw/r.json
  inferencemax results power --bench-result r.json --agg-result agg_r.json --expected-num-gpus 8
  inferencemax results power --bench-result r.json --agg-result agg_r.json --power-dir LOGS/power --logs-root LOGS \\
    --prefill-gpus 4 --decode-gpus 8 --expected-producer-sha 0123456789abcdef0123456789abcdef01234567
  inferencemax results power --result-dir results --agg-result row.json --expected-num-gpus 8`,
    )
    .action(async ({ aggResult, ...options }: PowerOptions) => {
      if (options.raw !== undefined) {
        // Only --raw needs the page's documents.
        const { printRecorded } = await import('./recorded-power.ts');
        await printRecorded(options.raw, options);
        return;
      }
      if (aggResult === undefined) {
        throw new InputError(
          'which row gets the figures is not given',
          'give --agg-result, or --raw to print the power of a raw result',
          { code: 'missing-option' },
        );
      }
      const power = await added({ ...options, aggResult });
      const { auditFile, audit } = power;
      process.stdout.write(options.json ? `${JSON.stringify({ auditFile, audit })}\n` : linesOf(power));
      if (options.requirePower || isPowerRequired(process.env)) tellUnless(() => requireValid(power));
    });
}

const ofNodes = ['powerDir', 'logsRoot', 'prefillGpus', 'decodeGpus'] as const;
const ofNode = ['csv', 'expectedNumGpus'] as const;

type RowOptions = PowerOptions & { readonly aggResult: string };

/** Adds the power of one node or of several, depending on the options. */
async function added(options: RowOptions): Promise<AddedPower> {
  const { benchResult, resultDir, aggResult, validationResult: auditFile } = options;
  if (resultDir !== undefined && benchResult === undefined) return await addedToAgentic(resultDir, options);
  if (benchResult === undefined || resultDir !== undefined) {
    throw new InputError(
      'give either --bench-result or --result-dir',
      '--bench-result is the raw result of a benchmark, --result-dir the folder of an agentic run',
    );
  }
  const result = await benchmarkResult(benchResult);
  const files = { result, aggResult, ...defined({ auditFile }) };
  if (ofNodes.every((name) => options[name] === undefined)) {
    const { csv = 'gpu_metrics.csv', expectedNumGpus: expectedGpus } = options;
    if (expectedGpus === undefined) {
      throw new InputError(
        'how many GPUs the engine uses is not given',
        'give --expected-num-gpus for one node, or --prefill-gpus and --decode-gpus for several',
        { code: 'missing-option' },
      );
    }
    return await addPower({ ...files, csv, expectedGpus });
  }
  if (ofNode.some((name) => options[name] !== undefined)) {
    throw new InputError(
      '--csv and --expected-num-gpus are for one node; --power-dir, --logs-root, --prefill-gpus and --decode-gpus are for several',
      undefined,
      { code: 'bad-option' },
    );
  }
  const { prefillGpus: prefill, decodeGpus: decode } = options;
  if (prefill === undefined || decode === undefined) {
    throw new InputError(
      'the GPUs of each role are not given',
      'give --prefill-gpus and --decode-gpus; one of them may be 0',
      { code: 'missing-option' },
    );
  }
  return await addPowerOfNodes({
    ...files,
    powerDir: options.powerDir ?? process.env.POWER_ARTIFACT_DIR ?? 'LOGS/power',
    logsRoot: options.logsRoot ?? process.env.POWER_RESULT_ROOT ?? 'LOGS',
    gpus: { prefill, decode },
    expectedCommit: options.expectedProducerSha,
  });
}

async function addedToAgentic(resultDir: string, options: RowOptions): Promise<AddedPower> {
  const { csv, aggResult, expectedNumGpus: expectedGpus, validationResult: auditFile } = options;
  if (ofNodes.some((name) => options[name] !== undefined)) {
    throw new InputError(
      '--power-dir, --logs-root, --prefill-gpus and --decode-gpus are not for --result-dir',
    );
  }
  if (expectedGpus === undefined) {
    throw new InputError('how many GPUs the engine uses is not given', 'give --expected-num-gpus');
  }
  return await addAgenticPower({ resultDir, aggResult, expectedGpus, ...defined({ csv, auditFile }) });
}

function linesOf({ audit, auditFile }: AddedPower): string {
  if (!audit.power_valid) return `power is not valid: ${reasonsInWords(audit)}\nwrote ${auditFile}\n`;
  const { avg_total_gpu_power_w: powerW, joules_per_output_token: joules } = audit.metrics;
  const gpus = `${audit.observed_gpu_count} GPU${audit.observed_gpu_count === 1 ? '' : 's'}`;
  return `${powerW?.toFixed(1)} W on ${gpus}, ${joules} J per output token\nwrote ${auditFile}\n`;
}
