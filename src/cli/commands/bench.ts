import { Command, Option } from 'commander';
import { writeFileAtomically } from '../../atomic-file.ts';
import { parseJson } from '../../bounded-json.ts';
import { InputError, messageOf } from '../../errors.ts';
import { type CalibrationRow, formatResult, loadCalibration, loadMerging } from '../../load/index.ts';
import { textOfNamed } from '../../named-file.ts';
import { conformanceCommand } from '../bench/conformance.ts';
import { withLoadErrors } from '../bench/errors.ts';
import { plotCommand } from '../bench/plot.ts';
import { serveCommand } from '../bench/serve.ts';
import { interruptedExitCode, withInterrupt } from '../interrupt.ts';
import { jsonOption, positiveInteger } from '../options.ts';

/** `inferencemax bench`: the load generator without a sweep. */
export function command(): Command {
  return new Command('bench')
    .description('Load-tests a running server and reports how far the measurement can be trusted.')
    .addCommand(serveCommand())
    .addCommand(conformanceCommand())
    .addCommand(calibrateCommand())
    .addCommand(mergeCommand())
    .addCommand(plotCommand())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax bench serve --base-url http://127.0.0.1:8000 --model llama --max-concurrency 64 --num-prompts 640',
    );
}

function calibrateCommand(): Command {
  return new Command('calibrate')
    .description(
      "Measures this machine's measurement error, with a built-in mock engine whose timing is known.",
    )
    .addOption(
      new Option('--concurrency <n...>', 'concurrent streams').argParser(
        (text: string, before: number[] | undefined) => [...(before ?? []), positiveInteger(text)],
      ),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax bench calibrate --concurrency 1 64 1024')
    .action(
      async ({ concurrency = [1, 16, 64, 256, 1024], json }: { concurrency?: number[]; json?: boolean }) => {
        if (json !== true) process.stdout.write(`${calibrationHeader}\n`);
        const { calibrate } = await loadCalibration();
        await withLoadErrors(() =>
          withInterrupt(
            async (signal) => {
              for await (const row of calibrate(concurrency, signal)) {
                process.stdout.write(`${json === true ? JSON.stringify(row) : calibrationLine(row)}\n`);
              }
            },
            () => {
              process.exitCode = interruptedExitCode;
            },
          ),
        );
      },
    );
}

const calibrationColumns: readonly [title: string, cell: (row: CalibrationRow) => string][] = [
  ['streams', ({ concurrency }) => String(concurrency)],
  ['in flight', ({ peakInFlight }) => String(peakInFlight)],
  ['rate %', ({ shareOfIdealRate }) => (100 * shareOfIdealRate).toFixed(1)],
  ['TTFT p50', ({ ttftErrorP50Ms }) => signed(ttftErrorP50Ms)],
  ['TTFT p99', ({ ttftErrorP99Ms }) => signed(ttftErrorP99Ms)],
  ['TPOT p99', ({ tpotErrorP99Ms }) => signed(tpotErrorP99Ms)],
  ['gap p99', ({ chunkGapExcessP99Ms }) => signed(chunkGapExcessP99Ms)],
  ['lag p99', ({ loopLagP99Ms }) => loopLagP99Ms.toFixed(2)],
  ['CPU %', ({ clientCpuShare }) => (100 * clientCpuShare).toFixed(0)],
  ['verdict', ({ verdict }) => verdict],
];

const calibrationHeader = `Measured minus true value (ms):\n${calibrationColumns.map(([title]) => title.padStart(10)).join('')}`;

function calibrationLine(row: CalibrationRow): string {
  return calibrationColumns.map(([, cell]) => cell(row).padStart(10)).join('');
}

function signed(valueMs: number): string {
  return `${valueMs < 0 ? '' : '+'}${valueMs.toFixed(2)}`;
}

function mergeCommand(): Command {
  return new Command('merge')
    .description('Merges results of shards that ran at the same time (bench serve --shard i/n).')
    .argument('<results...>', "the shards' result files")
    .option('--output <file>', 'file for the merged result')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax bench merge shard-1.json shard-2.json --output merged.json',
    )
    .action(async (files: readonly string[], { output, json }: { output?: string; json?: boolean }) => {
      const results = await Promise.all(files.map(async (file) => ({ file, json: await readJson(file) })));
      const { mergeResults } = await loadMerging();
      const merged = await withLoadErrors(async () =>
        mergeResults(results, (note) => process.stderr.write(`note: ${note}\n`)),
      );
      const text = JSON.stringify(merged, null, 2);
      if (output !== undefined) {
        await writeFileAtomically(output, `${text}\n`);
        process.stderr.write(`written: ${output}\n`);
      }
      process.stdout.write(
        `${json === true ? text : formatResult(merged, ['ttft', 'tpot', 'itl', 'e2el'])}\n`,
      );
      if (merged.fidelity.verdict === 'invalid') process.exitCode = 1;
    });
}

/** Room for a result with the details of every request. */
const longestResult = 256 * 1024 * 1024;

async function readJson(file: string): Promise<unknown> {
  const text = await textOfNamed(file, longestResult);
  try {
    return parseJson(text);
  } catch (error) {
    throw new InputError([{ file, message: `cannot read a result: ${messageOf(error)}` }], undefined, {
      code: 'file-unreadable',
    });
  }
}
