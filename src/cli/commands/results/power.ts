import { Command, Option } from 'commander';
import { type AddedPower, addPower, reasonsInWords, requireValid } from '../../../results/index.ts';
import { jsonOption, wholeNumber } from '../../options.ts';

interface PowerOptions {
  readonly csv: string;
  readonly benchResult: string;
  readonly aggResult: string;
  readonly expectedNumGpus: number;
  readonly requirePower?: true;
  readonly json?: true;
}

/** `inferencemax results power`. */
export function powerCommand(): Command {
  return new Command('power')
    .description('Adds measured GPU power and joules per token to a row, and writes the audit beside it.')
    .addOption(
      new Option('--csv <file>', 'power samples, in the form of the vendor tool').default('gpu_metrics.csv'),
    )
    .requiredOption('--bench-result <file>', 'the raw result of the benchmark')
    .requiredOption('--agg-result <file>', 'the row of the benchmark, which gets the figures')
    .addOption(
      new Option('--expected-num-gpus <n>', 'GPUs that the engine uses')
        .argParser(wholeNumber)
        .makeOptionMandatory(),
    )
    .option('--require-power', 'fail if the power cannot be used')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Energy is the sum over the GPUs of trapezoids between samples, from the start of the benchmark to its end. Power that
cannot be used leaves only power_valid 0 in the row; the audit, power_validation_<raw result>.json, says why.

Example:
  inferencemax results power --bench-result r.json --agg-result agg_r.json --expected-num-gpus 8`,
    )
    .action(async (options: PowerOptions) => {
      const { csv, benchResult, aggResult, expectedNumGpus: expectedGpus } = options;
      const power = await addPower({ csv, benchResult, aggResult, expectedGpus });
      const { auditFile, audit } = power;
      process.stdout.write(options.json ? `${JSON.stringify({ auditFile, audit })}\n` : linesOf(power));
      if (options.requirePower) requireValid(power);
    });
}

function linesOf({ audit, auditFile }: AddedPower): string {
  if (!audit.power_valid) return `power is not valid: ${reasonsInWords(audit)}\nwrote ${auditFile}\n`;
  const { avg_total_gpu_power_w: powerW, joules_per_output_token: joules } = audit.metrics;
  return `${powerW?.toFixed(1)} W on ${audit.observed_gpu_count} GPUs, ${joules} J per output token\nwrote ${auditFile}\n`;
}
