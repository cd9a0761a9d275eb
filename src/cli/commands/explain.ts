import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { userFailures } from '../../app/known-failures.ts';
import { bytesOfFile, textWithin } from '../../bounded-read.ts';
import { defined } from '../../defined/defined.ts';
import { InputError, messageOf } from '../../errors.ts';
import { type Explanation, explainLog, failureTable } from '../../failures/index.ts';
import { allCodes, type CodeMeaning, meaningOf, nextOf } from '../error-catalogue.ts';
import { jsonOption } from '../options.ts';

/** Longer than any log that a sweep stores. */
const longestLog = 128 * 2 ** 20;
/** As much of the end as a sweep reads. */
const readLength = 256 * 1024;

/** `inferencemax explain`: looks up a log in the table of known failures. */
export function command(): Command {
  return new Command('explain')
    .description(
      'Explains an error code, or why an engine exited according to its log: the cause, the fix, and what a sweep would do.',
    )
    .argument(
      '[subject]',
      'error code or failure class, or an engine log such as sessions/<session>/engine.log of a run; - reads standard input',
    )
    .option('--list', 'list every code')
    .option('--hung', 'the engine is still running but does not become ready or does not answer')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  inferencemax explain port-in-use
  inferencemax explain --list
  inferencemax explain .inferencemax/runs/run-20260114-101500-3f9a/sessions/a-session/engine.log

To add failures that are specific to your site, add rows to runners/known-failures.yaml (docs/failures.md).
docs/errors.md lists all codes. Exit codes: 0 explained, 1 no known failure in the log, 2 no such code, or the log cannot be read.`,
    )
    .action(async (file: string | undefined, options: ExplainOptions) => {
      if (options.list) {
        printCodes(allCodes(), options);
        return;
      }
      if (file === undefined)
        throw new InputError('nothing to explain was named', 'name an error code or an engine log', {
          code: 'missing-option',
        });
      const known = existsSync(file) ? undefined : meaningOf(file);
      if (known !== undefined) {
        printCodes([known], options);
        return;
      }
      const log = await textOf(file);
      const start = Math.max(0, log.lastIndexOf('\n', Math.max(0, log.length - readLength)) + 1);
      const rows = await userFailures();
      const told = explainLog(log.slice(start), { hung: options.hung }, rows);
      const linesBefore = start === 0 ? 0 : log.slice(0, start).split('\n').length - 1;
      const found =
        told?.lineNumber === undefined ? told : { ...told, lineNumber: told.lineNumber + linesBefore };
      process.stdout.write(options.json ? `${JSON.stringify(asJson(found))}\n` : inWords(file, found));
      if (found?.meaning === undefined) process.exitCode = 1;
    });
}

interface ExplainOptions {
  readonly hung?: true;
  readonly list?: true;
  readonly json?: true;
}

function printCodes(codes: readonly CodeMeaning[], { list, json }: ExplainOptions): void {
  const [only] = codes;
  if (json) process.stdout.write(`${JSON.stringify(list ? codes : only)}\n`);
  else process.stdout.write(codes.map((one) => codeInWords(one)).join(list ? '\n' : ''));
}

function codeInWords({ code, area, meaning, todo }: CodeMeaning): string {
  return `${code} (${area}): ${meaning}\nto do: ${todo}\n`;
}

async function textOf(file: string): Promise<string> {
  try {
    if (file === '-') return await textWithin(process.stdin, longestLog);
    return (await bytesOfFile(file, longestLog)).toString('utf8');
  } catch (error) {
    throw new InputError(
      [
        {
          file,
          message: `cannot be read: ${messageOf(error)}`,
          hint: 'name the log of an engine, - for standard input, or a code that --list shows',
        },
      ],
      undefined,
      { code: 'file-unreadable' },
    );
  }
}

function asJson(found: Explanation | undefined) {
  if (found === undefined) return { explained: false };
  const { failureClass } = found;
  const next = failureClass === undefined ? undefined : nextOf(failureClass);
  return { explained: found.meaning !== undefined, ...found, ...defined({ next }) };
}

function inWords(file: string, found: Explanation | undefined): string {
  if (found === undefined) return `nothing in ${file} explains why the engine exited\n`;
  const { meaning, todo, failureClass, line, lineNumber } = found;
  const where = lineNumber === undefined ? '' : `  ${file}:${lineNumber}: ${line}\n`;
  if (meaning === undefined)
    return `no known failure; last error in the log:\n${where}To have it explained, add a row to known-failures.yaml.\n`;
  return [
    `${meaning}\n${where}`,
    ...(todo === undefined ? [] : [`to do:   ${todo}\n`]),
    ...(failureClass === undefined
      ? []
      : [
          `class:   ${failureClass}: ${failureTable[failureClass].means}\n`,
          `a sweep: ${nextOf(failureClass)}\n`,
        ]),
  ].join('');
}
