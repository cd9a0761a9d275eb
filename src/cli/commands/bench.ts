import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { appendLine, checkWritable, writeFileAtomically } from '../../atomic-file.ts';
import { defined } from '../../defined/defined.ts';
import { InputError, messageOf } from '../../errors.ts';
import {
  type CalibrationRow,
  type Conformance,
  checkLoadTest,
  formatResult,
  type LoadProgress,
  loadCalibration,
  loadMerging,
  type RawResult,
  runLoadTest,
} from '../../load/index.ts';
import { conformanceCommand, readConformance } from '../bench/conformance.ts';
import { withLoadErrors } from '../bench/errors.ts';
import { progressOn } from '../bench/progress.ts';
import { untilReady } from '../bench/ready.ts';
import { addServeOptions, type ServeOptions } from '../bench/serve-options.ts';
import { defaultSeedNote, loadTestOf, namesOf } from '../bench/serve-test.ts';
import { modelNamedBy } from '../bench/server-of.ts';
import { interruptedExitCode, withInterrupt } from '../interrupt.ts';
import { jsonOption, positiveInteger } from '../options.ts';
import { printable } from '../printable.ts';

/** `inferencemax bench`: the load generator by itself. */
export function command(): Command {
  return new Command('bench')
    .description('Measures a running server, and says how far the measurement can be trusted.')
    .addCommand(serveCommand())
    .addCommand(conformanceCommand())
    .addCommand(calibrateCommand())
    .addCommand(mergeCommand())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax bench serve --base-url http://127.0.0.1:8000 --model llama --max-concurrency 64 --num-prompts 640',
    );
}

function serveCommand(): Command {
  const command = new Command('serve').description(
    "Sends requests to a server and reports its latencies and throughput, with the option names of vLLM's bench serve.",
  );
  return addServeOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax bench serve --base-url http://127.0.0.1:8000 --model llama --random-input-len 1024 \\\n    --random-output-len 1024 --random-range-ratio 0.8 --max-concurrency 64 --num-prompts 640 --ignore-eos --save-result',
    )
    .action(async (options: ServeOptions) => {
      const conformance =
        options.conformance === undefined ? undefined : await readConformance(options.conformance);
      const result = await withLoadErrors(async () => {
        const nameless = await loadTestOf(options, process.env.OPENAI_API_KEY);
        checkLoadTest({ ...nameless, ...namesOf(options, options.model ?? '') });
        await checkTarget(options);
        tell(nameless.notes?.filter((note) => note !== defaultSeedNote));
        const onProgress = options.json === true ? printEvent : progressOn(process.stderr);
        return await withInterrupt(
          async (signal) => {
            await untilReady(nameless, options.readyCheckTimeoutSec, signal);
            const model = options.model ?? (await modelNamedBy(nameless, signal, (note) => tell([note])));
            return await runLoadTest({ ...nameless, ...namesOf(options, model) }, { signal, onProgress });
          },
          () => process.stderr.write('\ninterrupted: reporting what was done (again to end at once)\n'),
        );
      });
      // What was measured is told even where it can no longer be kept.
      print(result, options);
      tell(result.notes?.filter((note) => note === defaultSeedNote));
      if (saves(options)) await save(result, options, conformance);
      if (result.partial === true) process.exitCode = interruptedExitCode;
      else if (result.fidelity.verdict === 'invalid') process.exitCode = 1;
    });
}

function tell(notes: readonly string[] = []): void {
  for (const note of notes) process.stderr.write(`note: ${printable(note)}\n`);
}

function saves({ saveResult, saveDetailed, appendResult }: ServeOptions): boolean {
  return saveResult === true || saveDetailed === true || appendResult === true;
}

/** Throws WorkError or InputError now for a file that the result could not be kept in. */
async function checkTarget(options: ServeOptions): Promise<void> {
  if (!saves(options)) return;
  const path = join(options.resultDir, options.resultFilename ?? 'result.json');
  await checkWritable(path);
  if (options.appendResult !== true || options.resultFilename === undefined) return;
  const [line = ''] = (await readFile(path, 'utf8').catch(() => '')).split('\n', 1);
  try {
    if (line !== '') JSON.parse(line);
  } catch {
    throw new InputError([
      {
        file: path,
        line: 1,
        message: 'a result cannot be appended here: the line is not JSON by itself',
        hint: 'name another file with --result-filename',
      },
    ]);
  }
}

async function save(
  result: RawResult,
  { resultDir, resultFilename, label, metadata, appendResult }: ServeOptions,
  conformance: Conformance | undefined,
): Promise<void> {
  const path = join(resultDir, resultFilename ?? filenameOf(result));
  // What the test measured wins over a name that a user gave to something else.
  const kept = {
    ...defined({ label }),
    ...metadata,
    ...defined({ conformance }),
    ...result,
  };
  if (appendResult === true) await appendLine(path, JSON.stringify(kept));
  else await writeFileAtomically(path, `${JSON.stringify(kept, null, 2)}\n`);
  process.stderr.write(`written: ${path}\n`);
}

function print(result: RawResult, options: ServeOptions): void {
  if (options.json === true) process.stdout.write(`${JSON.stringify({ event: 'result', ...result })}\n`);
  else process.stdout.write(`${formatResult(result, options.percentileMetrics)}\n`);
}

function printEvent(progress: LoadProgress): void {
  process.stdout.write(`${JSON.stringify({ event: 'progress', ...progress })}\n`);
}

/** Like vLLM's: backend, rate, concurrency, model, date. */
function filenameOf({ backend, request_rate, max_concurrency, model_id, date }: RawResult): string {
  const concurrency = max_concurrency === null ? '' : `-concurrency${max_concurrency}`;
  const model = model_id.split(/[/\\]/).at(-1) ?? model_id;
  return `${backend}-${request_rate}qps${concurrency}-${model}-${date}.json`;
}

function calibrateCommand(): Command {
  return new Command('calibrate')
    .description(
      "Measures this machine's own error: the client against a built-in mock engine that knows the truth.",
    )
    .addOption(
      new Option('--concurrency <n...>', 'streams in flight').argParser(
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

const calibrationHeader = `Measured minus true, ms:\n${calibrationColumns.map(([title]) => title.padStart(10)).join('')}`;

function calibrationLine(row: CalibrationRow): string {
  return calibrationColumns.map(([, cell]) => cell(row).padStart(10)).join('');
}

function signed(valueMs: number): string {
  return `${valueMs < 0 ? '' : '+'}${valueMs.toFixed(2)}`;
}

function mergeCommand(): Command {
  return new Command('merge')
    .description('Merges the results of shards that ran at the same time (bench serve --shard i/n) into one.')
    .argument('<results...>', "the shards' result files")
    .option('--output <file>', 'where to write the merged result')
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

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new InputError([{ file, message: `cannot read a result: ${messageOf(error)}` }]);
  }
}
