import { Command, Option } from 'commander';
import { checkWritable, writeFileAtomically } from '../../../atomic-file.ts';
import { bearerToken } from '../../../bearer-token.ts';
import { parseJson } from '../../../bounded-json.ts';
import { listOf } from '../../../bounded-list.ts';
import { defined } from '../../../defined/defined.ts';
import { InputError } from '../../../errors.ts';
import {
  defaultEvalContext,
  defaultTolerance,
  type EvalPlan,
  type EvalProgress,
  type EvalRecord,
  type EvalSubject,
  evalRecordSchema,
  evaluate,
  type TaskName,
  taskKinds,
  taskNames,
} from '../../../evals/index.ts';
import { subjectNamed } from '../../../identity/index.ts';
import { shownServer } from '../../../load/index.ts';
import { textOfNamed } from '../../../named-file.ts';
import { reasonFor } from '../../../schema-words.ts';
import { interruptedExitCode, withInterrupt } from '../../interrupt.ts';
import { httpAddress, jsonOption, positiveInteger, positiveNumber, waitS } from '../../options.ts';
import { tellError } from '../../report.ts';
import { readGsm8k } from '../../sweep-options.ts';
import { LiveLine } from '../../terminal/live-line.ts';
import { isLive } from '../../terminal/style.ts';

interface EvalOptions {
  readonly baseUrl: string;
  readonly model: string;
  readonly task: readonly TaskName[];
  readonly gsm8k?: string;
  readonly gsm8kExamples?: string;
  readonly limit?: number;
  readonly inputTokens?: number;
  readonly seed: number;
  readonly api: 'chat' | 'completions';
  readonly concurrency: number;
  readonly requestTimeout: number;
  readonly taskTimeout: number;
  readonly reference: readonly string[];
  readonly tolerance: number;
  readonly output?: string;
  readonly modelPrefix?: string;
  readonly hw: string;
  readonly framework: string;
  readonly precision: string;
  readonly tp: number;
  readonly ep: number;
  readonly json?: boolean;
}

/** `inferencemax eval run`: checks the accuracy of a running engine. */
export function runCommand(): Command {
  const tasks = taskNames.map((name) => `  ${name.padEnd(12)}${taskKinds[name].summary}`).join('\n');
  return new Command('run')
    .description('Asks a running engine questions with known answers and reports its accuracy.')
    .requiredOption('--base-url <url>', 'engine URL, such as http://127.0.0.1:8000', httpAddress)
    .requiredOption('--model <name>', 'model name on the server')
    .addOption(
      new Option('--task <names...>', 'tasks to run').choices(taskNames).default(['recall', 'arithmetic']),
    )
    .addOption(
      new Option(
        '--gsm8k <file>',
        'questions for task gsm8k: JSON lines with question and answer ("… #### 7")',
      ),
    )
    .addOption(
      new Option(
        '--gsm8k-examples <file>',
        'worked examples for gsm8k in the same format (default: generated ones)',
      ),
    )
    .addOption(new Option('--limit <n>', 'maximum questions per task').argParser(positiveInteger))
    .addOption(
      new Option(
        '--input-tokens <n>',
        'approximate length of the prompts of long_recall, in tokens',
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option('--seed <n>', 'random seed for generated questions').argParser(positiveInteger).default(1),
    )
    .addOption(
      new Option('--api <api>', "chat: with the model's chat template; completions: without")
        .choices(['chat', 'completions'])
        .default('chat'),
    )
    .addOption(
      new Option('--concurrency <n>', 'concurrent questions')
        .argParser(positiveInteger)
        .default(defaultEvalContext.concurrency),
    )
    .addOption(
      new Option('--request-timeout <seconds>', 'timeout per answer, in seconds')
        .argParser(waitS)
        .default(defaultEvalContext.requestTimeoutS),
    )
    .addOption(
      new Option('--task-timeout <seconds>', 'timeout per task, in seconds')
        .argParser(waitS)
        .default(defaultEvalContext.taskTimeoutS),
    )
    .addOption(
      new Option('--reference <files...>', 'output of earlier evaluations to compare with').default(
        [],
        'none',
      ),
    )
    .addOption(
      new Option('--tolerance <share>', 'largest drop below the reference that still passes')
        .argParser(positiveNumber)
        .default(defaultTolerance),
    )
    .addOption(new Option('--output <file>', 'file for the records, with every answer'))
    .addOption(
      new Option(
        '--model-prefix <name>',
        'stored with the score; only equal values are compared (default: the model)',
      ),
    )
    .addOption(new Option('--hw <name>', 'GPU type, stored with the score').default('unknown'))
    .addOption(new Option('--framework <name>', 'engine, stored with the score').default('unknown'))
    .addOption(
      new Option('--precision <name>', 'precision of the weights, stored with the score').default('unknown'),
    )
    .addOption(
      new Option('--tp <n>', 'tensor parallelism, stored with the score')
        .argParser(positiveInteger)
        .default(1),
    )
    .addOption(
      new Option('--ep <n>', 'expert parallelism, stored with the score')
        .argParser(positiveInteger)
        .default(1),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Tasks:
${tasks}

Examples:
  inferencemax eval run --base-url http://127.0.0.1:8000 --model llama --task recall arithmetic
  inferencemax eval run --base-url http://127.0.0.1:8000 --model llama --task gsm8k --gsm8k test.jsonl --output fp8.json \\
    --reference bf16.json

If OPENAI_API_KEY is set, it is sent as a bearer token.
Exit codes: 0 ok, 1 unanswered questions or a score significantly below its reference, 2 bad usage or input, 130 interrupted.`,
    )
    .action(async (options: EvalOptions) => {
      if (options.output !== undefined) await checkWritable(options.output);
      const { records, unwritten, interrupted } = await withInterrupt(
        (signal) => run(options, signal),
        () =>
          process.stderr.write(
            '\ninterrupted: reporting the answers so far (press Ctrl-C again to exit now)\n',
          ),
      );
      const good = ({ state, gate }: EvalRecord) => state === 'complete' && gate.verdict !== 'fail';
      if (interrupted) process.exitCode = interruptedExitCode;
      else if (!records.every(good)) process.exitCode = 1;
      process.stdout.write(
        options.json === true
          ? `${JSON.stringify(records.map(({ items: _, ...record }) => record))}\n`
          : records.map(line).join(''),
      );
      if (records.length > 0 && records.every(isUnreachable))
        process.stderr.write('check that the server is running and ready at that address\n');
      // With --json, standard output already has the records.
      if (unwritten !== undefined) process.exitCode = tellError(unwritten);
    });
}

/** Whether no question was answered because the server could not be reached. */
function isUnreachable({ n_eff, errors }: EvalRecord): boolean {
  return n_eff === 0 && 'cannot-connect' in errors;
}

interface Done {
  readonly records: readonly EvalRecord[];
  /** The error if not all records could be written to the output file. */
  readonly unwritten: unknown;
  readonly interrupted: boolean;
}

async function run(options: EvalOptions, signal: AbortSignal): Promise<Done> {
  const apiKey = bearerToken('OPENAI_API_KEY', process.env.OPENAI_API_KEY);
  const target = { ...options, ...defined({ apiKey }) };
  const written: EvalRecord[] = [];
  let unwritten: unknown;
  const records = await evaluate(target, await planOf(options), {
    signal,
    keepsInterrupted: true,
    concurrency: options.concurrency,
    requestTimeoutS: options.requestTimeout,
    taskTimeoutS: options.taskTimeout,
    subject: subjectOf(options),
    source: shownServer(options.baseUrl),
    earlier: (await Promise.all(options.reference.map(readRecords))).flat(),
    now: () => new Date(),
    onProgress: progressOf(process.stderr),
    onRecord: async (record) => {
      written.push(record);
      if (options.output === undefined) return;
      // Continue with the other tasks and print all scores, even if the file cannot be written.
      unwritten = await writeFileAtomically(options.output, `${JSON.stringify(written, null, 2)}\n`).catch(
        (error: unknown) => error,
      );
    },
  });
  return { records, unwritten, interrupted: signal.aborted };
}

async function planOf(options: EvalOptions): Promise<EvalPlan> {
  const { task: tasks, gsm8k, gsm8kExamples, limit, inputTokens, seed, tolerance } = options;
  if (tasks.includes('gsm8k') && gsm8k === undefined) {
    throw new InputError(
      'task gsm8k needs a file of questions',
      'name a file of them with --gsm8k, one {"question": "…", "answer": "… #### 7"} per line',
      { code: 'missing-option' },
    );
  }
  return {
    tasks,
    seed,
    tolerance,
    ...defined({
      limit,
      inputTokens,
      questions: gsm8k === undefined ? undefined : await readGsm8k(gsm8k),
      examples: gsm8kExamples === undefined ? undefined : await readGsm8k(gsm8kExamples),
    }),
  };
}

function subjectOf(options: EvalOptions): EvalSubject {
  const { model, modelPrefix = model, hw, framework, precision, tp, ep, concurrency: conc } = options;
  return subjectNamed({ model, modelPrefix, hw, framework, precision, tp, ep, conc });
}

async function readRecords(file: string): Promise<EvalRecord[]> {
  const text = await textOfNamed(file);
  try {
    const content = parseJson(text);
    const records = listOf(evalRecordSchema).parse(Array.isArray(content) ? content : [content]);
    // Different engines may have used the same address, so a reference is identified by its file name.
    return records.map((record) => ({ ...record, source: file }));
  } catch (error) {
    throw new InputError([
      { code: 'not-a-result', file, message: `not the output of an evaluation: ${reasonFor(error)}` },
    ]);
  }
}

const lineEveryMs = 10_000;

/** Shows a live line on a terminal; elsewhere prints a line every ten seconds and at the end of each task. */
function progressOf(output: NodeJS.WriteStream): (progress: EvalProgress) => void {
  const live = isLive(output, process.env) ? new LiveLine(output) : undefined;
  let lastLineMs = performance.now();
  return ({ task, done, total, errors, score }) => {
    const parts = [
      `${task}: ${done}/${total} asked`,
      ...(errors > 0 ? [`${errors} without an answer`] : []),
      ...(score === undefined ? [] : [`score ${percent(score)}`]),
    ];
    if (live !== undefined) {
      live.show(parts);
      if (done === total) live.end();
    } else if (done === total || performance.now() - lastLineMs >= lineEveryMs) {
      lastLineMs = performance.now();
      output.write(`${parts.join(', ')}\n`);
    }
  };
}

function line({
  task,
  score,
  score_ci95,
  score_name,
  n_eff,
  n_asked,
  n_truncated,
  errors,
  gate,
}: EvalRecord): string {
  const range = score_ci95 === null ? '' : ` (95 %: ${score_ci95.map(percent).join(' to ')})`;
  const result = score === null ? 'no score' : `${score_name} ${percent(score)}${range}`;
  const troubles = Object.entries(errors).map(
    ([name, { count, example }]) => `  ${count} ${name}: ${example}\n`,
  );
  const cut = n_truncated > 0 ? `  ${n_truncated} answers were cut off at the token limit\n` : '';
  return `${task}: ${result}, ${n_eff} of ${n_asked} judged; ${gate.verdict}: ${gate.reason}\n${cut}${troubles.join('')}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
