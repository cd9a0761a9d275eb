import { Command, Option } from 'commander';
import { type EvalRules, type JudgedEvals, validateEvals } from '../../../app/validate-evals.ts';
import { defined } from '../../../defined/defined.ts';
import { WorkError } from '../../../errors.ts';
import { defaultFloor } from '../../../evals/index.ts';
import { jsonOption, positiveNumber } from '../../options.ts';

interface ValidateOptions {
  readonly thresholds?: string;
  readonly modelPrefix?: string;
  readonly minScore: number;
  readonly metricPrefix: string;
  readonly resultsGlob: string;
  readonly expectedConcs?: readonly number[];
  readonly json?: true;
}

/** `inferencemax eval validate`. */
export function validateCommand(): Command {
  return new Command('validate')
    .description('Checks the scores of an eval job against the minimum scores.')
    .argument('[folder]', 'folder with meta_env.json and the results', '.')
    .addOption(
      new Option(
        '--thresholds <file>',
        'minimum scores by task and model (default: configs/evals/thresholds.yaml if it exists)',
      ),
    )
    .addOption(
      new Option('--model-prefix <name>', 'model (default: that of meta_env.json, then MODEL_PREFIX)'),
    )
    .addOption(
      new Option('--min-score <score>', 'minimum score for tasks without a threshold')
        .argParser(positiveNumber)
        .default(defaultFloor),
    )
    .addOption(new Option('--metric-prefix <text>', 'metrics to judge').default('exact_match,'))
    .addOption(new Option('--results-glob <pattern>', 'names of the result files').default('results*.json'))
    .addOption(
      new Option('--expected-concs <list>', 'requested concurrencies, such as "16 64"').argParser(
        concurrencies,
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Thresholds are YAML or JSON: default: {task: score} and models: {prefix: {task: score}}; a model's own
thresholds take precedence.

Example:
  inferencemax eval validate eval_results/eval_dsv4 --expected-concs "16 64"

Exit codes: 0 passed, 1 a score is too low, or results are missing, 2 bad usage or input.`,
    )
    .action(
      async (
        folder: string,
        { expectedConcs, modelPrefix, resultsGlob, json, ...rules }: ValidateOptions,
      ) => {
        const asked: EvalRules = {
          ...rules,
          results: resultsGlob,
          ...defined({ model: modelPrefix, expected: expectedConcs }),
        };
        const judged = await validateEvals(folder, asked);
        for (const warning of judged.warnings) process.stderr.write(`WARN: ${warning}\n`);
        if (json) process.stdout.write(`${JSON.stringify(judged)}\n`);
        else report(judged);
        if (!judged.passes) process.exitCode = 1;
      },
    );
}

function report(judged: JudgedEvals): void {
  const { thresholds, model, hasOwnFloors, isBatch, files, faults } = judged;
  if (thresholds !== undefined) process.stdout.write(`Loaded thresholds from ${thresholds}\n`);
  const which = hasOwnFloors
    ? 'per-model thresholds apply'
    : model === undefined
      ? 'using global default thresholds'
      : 'no per-model override; using global default';
  process.stdout.write(`Model prefix: ${model ?? '<unknown>'} (${which})\n`);
  for (const fault of faults) process.stderr.write(`FAIL: ${fault}\n`);
  if (isBatch && faults.length === 0) process.stdout.write('PASS: every concurrency has a result\n');
  for (const { concurrency, metrics } of files) {
    const at = concurrency === undefined ? '' : `[conc=${concurrency}] `;
    for (const { task, metric, score, passes, floor, source } of metrics) {
      const output = passes ? process.stdout : process.stderr;
      output.write(
        `${passes ? 'PASS' : 'FAIL'}: ${at}${task} ${metric} = ${score.toFixed(4)} (${passes ? '>=' : '<'} ${floor} from ${source})\n`,
      );
    }
  }
}

/**
 * Parses concurrencies separated by blanks or commas: positive whole numbers without duplicates. A workflow passes
 * them, so an invalid one fails the job, like in the public tool.
 */
function concurrencies(text: string): number[] {
  const values = text.split(/[\s,]+/).filter((part) => part !== '');
  const numbers = values.map(Number);
  const areCounts = numbers.every((value) => Number.isSafeInteger(value) && value > 0);
  if (!areCounts || numbers.length === 0 || new Set(numbers).size < numbers.length)
    throw new WorkError(
      `--expected-concs '${text}': expected different positive whole numbers, such as "16 64"`,
      { code: 'bad-option' },
    );
  return numbers;
}
