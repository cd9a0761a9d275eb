import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { checkWritable, writeFileAtomically } from '../../atomic-file.ts';
import { InputError, messageOf } from '../../errors.ts';
import {
  type Answered,
  type BackendName,
  backendNames,
  type Conformance,
  loadConformance,
} from '../../load/index.ts';
import { withInterrupt } from '../interrupt.ts';
import { httpAddress, jsonOption, positiveNumber } from '../options.ts';
import { printable } from '../printable.ts';
import { withLoadErrors } from './errors.ts';
import { header } from './serve-options.ts';

interface ConformanceOptions {
  readonly baseUrl: string;
  readonly model: string;
  readonly backend: BackendName;
  readonly endpoint?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly insecure?: true;
  readonly timeout: number;
  readonly only?: readonly string[];
  readonly out?: string;
  readonly json?: true;
}

/** `inferencemax bench conformance`: what a server does of what a measurement relies on. */
export function conformanceCommand(): Command {
  return new Command('conformance')
    .description(
      'Asks a running server what a measurement relies on: how it counts tokens, ends, refuses and caches. Takes a minute or so; the answers can be kept beside results.',
    )
    .addOption(
      new Option('--base-url <url>', "the server's address").argParser(httpAddress).makeOptionMandatory(),
    )
    .requiredOption('--model <name>', "the model's name, as the server knows it")
    .addOption(
      new Option('--backend <name>', 'how the server is asked').choices(backendNames).default('openai'),
    )
    .option('--endpoint <path>', "the path to post to (default: the backend's)")
    .addOption(
      new Option(
        '--header <name=value...>',
        'more request headers; $OPENAI_API_KEY is sent as a bearer token',
      ).argParser(header),
    )
    .option('--insecure', 'take any certificate of an https server, unchecked')
    .addOption(
      new Option('--timeout <seconds>', 'a question that is not answered by then is left open')
        .argParser(positiveNumber)
        .default(60),
    )
    .option('--only <question...>', 'ask these questions alone, by their names in the first column')
    .option('--out <file>', 'write the answers as JSON, for bench serve --conformance')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The exit code is 1 if an answer harms every measurement, or none came.

Example:
  inferencemax bench conformance --base-url http://127.0.0.1:8000 --model llama --out conformance.json`,
    )
    .action(async (options: ConformanceOptions) => {
      const { askConformance, questions } = await loadConformance();
      const unknown = options.only?.filter((name) => !questions.some((question) => question.name === name));
      if (unknown !== undefined && unknown.length > 0) {
        throw new InputError(
          `--only ${unknown.join(' ')}: there is no such question`,
          `the questions are ${questions.map(({ name }) => name).join(', ')}`,
        );
      }
      if (options.out !== undefined) await checkWritable(options.out);
      const apiKey = process.env.OPENAI_API_KEY ?? '';
      const conformance = await withLoadErrors(() =>
        withInterrupt(
          (signal) =>
            askConformance(
              {
                baseUrl: options.baseUrl,
                backend: options.backend,
                model: options.model,
                insecure: options.insecure ?? false,
                headers: {
                  ...(apiKey === '' ? {} : { Authorization: `Bearer ${apiKey}` }),
                  ...options.header,
                },
                ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
              },
              {
                signal,
                timeoutS: options.timeout,
                ...(options.only === undefined ? {} : { only: options.only }),
                onAnswer: (answered) => {
                  if (options.json !== true) process.stdout.write(`${inColumns(answered)}\n`);
                },
              },
            ),
          () => process.stderr.write('\ninterrupted\n'),
        ),
      );
      const text = JSON.stringify(conformance, null, 2);
      if (options.json === true) process.stdout.write(`${text}\n`);
      if (options.out !== undefined) {
        await writeFileAtomically(options.out, `${text}\n`);
        process.stderr.write(`written: ${options.out}\n`);
      }
      if (!isMeasurable(conformance)) process.exitCode = 1;
    });
}

const conformanceSchema = z.object({
  asked_at: z.string(),
  base_url: z.string(),
  backend: z.string(),
  model: z.string(),
  findings: z.array(
    z.object({
      name: z.string(),
      question: z.string(),
      answer: z.string(),
      means: z.string(),
      grade: z.enum(['fine', 'note', 'harm', 'unknown']),
      facts: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])).optional(),
    }),
  ),
});

/** What `--out` wrote. Throws InputError naming the file. */
export async function readConformance(file: string): Promise<Conformance> {
  const hint = 'name a file that bench conformance --out has written';
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new InputError([
      { file, message: `cannot read the answers of a server: ${messageOf(error)}`, hint },
    ]);
  }
  const parsed = conformanceSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? '' : `${issue.path.join('.') || 'the whole'}: ${issue.message}`;
    throw new InputError([{ file, message: `these are not the answers of a server: ${where}`, hint }]);
  }
  return parsed.data;
}

/** Whether something came back, and nothing that spoils every measurement. */
function isMeasurable({ findings }: Conformance): boolean {
  return findings.some(({ grade }) => grade !== 'unknown') && findings.every(({ grade }) => grade !== 'harm');
}

const nameWidth = 24;
const columnWidth = 44;
const marks = { fine: ' ', note: '!', harm: '✗', unknown: '?' } as const;

/** One question as a row: its name, what it asks, the answer, what follows. */
function inColumns({ name, question, answer, means, grade }: Answered): string {
  const cells = [question, answer, means].map((text) => wrapped(printable(text), columnWidth));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, row) => {
    const first = row === 0 ? `${marks[grade]} ${name}` : '';
    const others = cells.map((lines) => (lines[row] ?? '').padEnd(columnWidth));
    return [first.padEnd(nameWidth), ...others].join('  ').trimEnd();
  }).join('\n');
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
