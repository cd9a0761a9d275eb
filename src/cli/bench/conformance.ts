import { Command } from 'commander';
import { z } from 'zod';
import { checkWritable, writeFileAtomically } from '../../atomic-file.ts';
import { parseJson } from '../../bounded-json.ts';
import { defined } from '../../defined/defined.ts';
import { InputError, messageOf } from '../../errors.ts';
import { type Answered, type Conformance, generatingBackends, loadConformance } from '../../load/index.ts';
import { textOfNamed } from '../../named-file.ts';
import { printable } from '../../printable.ts';
import { reasonFor } from '../../schema-words.ts';
import { withInterrupt } from '../interrupt.ts';
import { addTables, choiceOr, flag, type OptionTableValues, text, value, valueOr } from '../option-table.ts';
import { portNumber, positiveNumber } from '../options.ts';
import { withLoadErrors } from './errors.ts';
import { header, host, serverAddress } from './serve-parsers.ts';
import { modelNamedBy, serverOf } from './server-of.ts';

const asked = {
  baseUrl: value(
    '--base-url <url>',
    'server URL, or unix:///path/to/socket (default: from --host and --port)',
    serverAddress,
  ),
  host: valueOr('127.0.0.1', '--host <host>', 'server host, if --base-url is not given', host),
  port: valueOr(8000, '--port <port>', 'server port, if --base-url is not given', portNumber),
  model: text('--model <name>', 'model name on the server (default: the first one listed by /v1/models)'),
  backend: choiceOr('openai', generatingBackends, '--backend <name>', 'API protocol'),
  endpoint: text('--endpoint <path>', "request path, with an optional query string (default: the backend's)"),
  header: value(
    '--header <name=value...>',
    'extra request headers; they replace default headers of the same name; $OPENAI_API_KEY is sent as a bearer token',
    header,
  ),
  insecure: flag('--insecure', "do not verify the server's TLS certificate"),
};

const told = {
  timeout: valueOr(
    60,
    '--timeout <seconds>',
    'timeout per question, in seconds; a question without an answer is marked ?',
    positiveNumber,
  ),
  only: value(
    '--only <question...>',
    'ask only these questions (names are in the first column of the output)',
    (name: string, before: readonly string[] = []) => [...before, name],
  ),
  out: text('--out <file>', 'write the answers as JSON, for bench serve --conformance'),
  json: flag('--json', 'print JSON'),
};

type ConformanceOptions = OptionTableValues<typeof asked> & OptionTableValues<typeof told>;

/** `inferencemax bench conformance`: checks server behaviour that measurements rely on. */
export function conformanceCommand(): Command {
  const command = new Command('conformance').description(
    'Checks the server behaviour that a measurement relies on: how it counts tokens, ends streams, rejects requests and caches. Takes about a minute. The answers can be stored with results.',
  );
  return addTables(command, { 'Server:': asked, 'Questions and output:': told })
    .addHelpText(
      'after',
      `
The exit code is 1 if an answer invalidates every measurement, or if the server answered nothing.

Example:
  inferencemax bench conformance --base-url http://127.0.0.1:8000 --model llama --out conformance.json`,
    )
    .action(async (options: ConformanceOptions) => {
      const { askConformance, questions } = await loadConformance();
      const unknown = (options.only ?? []).filter(
        (name) => !questions.some((question) => question.name === name),
      );
      if (unknown.length > 0) {
        throw new InputError(
          `--only ${unknown.join(' ')}: there is no such question`,
          `the questions are ${questions.map(({ name }) => name).join(', ')}`,
          { code: 'bad-option' },
        );
      }
      if (options.out !== undefined) await checkWritable(options.out);
      const server = serverOf(options, process.env.OPENAI_API_KEY);
      const conformance = await withLoadErrors(() =>
        withInterrupt(
          async (signal) => {
            const model =
              options.model ??
              (await modelNamedBy(server, signal, (note) =>
                process.stderr.write(`note: ${printable(note)}\n`),
              ));
            return await askConformance(
              {
                ...server,
                backend: options.backend,
                model,
                ...defined({ endpoint: options.endpoint }),
              },
              {
                signal,
                timeoutS: options.timeout,
                ...defined({ only: options.only }),
                onAnswer: (answered) => {
                  if (options.json !== true) process.stdout.write(`${inColumns(answered)}\n`);
                },
              },
            );
          },
          () => process.stderr.write('\ninterrupted\n'),
        ),
      );
      const written = JSON.stringify(conformance, null, 2);
      if (options.json === true) process.stdout.write(`${written}\n`);
      if (options.out !== undefined) {
        await writeFileAtomically(options.out, `${written}\n`);
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

/** Reads a file written with `--out`. Throws InputError naming the file. */
export async function readConformance(file: string): Promise<Conformance> {
  const hint = 'pass a file written by bench conformance --out';
  let json: unknown;
  const text = await textOfNamed(file);
  try {
    json = parseJson(text);
  } catch (error) {
    throw new InputError(
      [{ file, message: `cannot read conformance answers: ${messageOf(error)}`, hint }],
      undefined,
      { code: 'file-unreadable' },
    );
  }
  const parsed = conformanceSchema.safeParse(json);
  if (!parsed.success) {
    throw new InputError([
      { file, message: `not a file of conformance answers: ${reasonFor(parsed.error)}`, hint },
    ]);
  }
  return parsed.data;
}

/** Whether the server answered at all, and no finding invalidates every measurement. */
function isMeasurable({ findings }: Conformance): boolean {
  return findings.some(({ grade }) => grade !== 'unknown') && findings.every(({ grade }) => grade !== 'harm');
}

const nameWidth = 24;
const columnWidth = 44;
const marks = { fine: ' ', note: '!', harm: '✗', unknown: '?' } as const;

/** Formats a question as a row: its name, the question, the answer, and its consequence. */
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
