import { CommanderError } from 'commander';
import type { ErrorCode } from '../error-codes.ts';
import { formatProblem, InputError, WorkError } from '../errors.ts';
import { printableLines } from '../printable.ts';
import { errorDocuments, wasInterrupted } from './error-document.ts';
import { interruptedExitCode } from './interrupt.ts';

/** Reports an error on stderr, with `--json` also as a document on stdout, and returns the exit code. */
export function report(error: unknown, json: boolean): number {
  const documents = errorDocuments(error);
  const [first] = documents;
  if (json && first !== undefined) {
    const all = documents.length === 1 ? {} : { errors: documents };
    process.stdout.write(`${JSON.stringify({ error: first, ...all })}\n`);
  }
  const exitCode = tellError(error);
  if (process.stderr.isTTY) {
    const codes = new Set(documents.map(({ code }) => code).filter((code) => !codesWithoutMore.has(code)));
    for (const code of codes) process.stderr.write(`more about ${code}: inferencemax explain ${code}\n`);
  }
  return exitCode;
}

/** Their meaning says no more than any error. */
const codesWithoutMore: ReadonlySet<ErrorCode> = new Set([
  'bad-input',
  'work-failed',
  'interrupted',
  'internal',
]);

/** For a command that has printed its own document: says in words why `check` throws, and sets the exit code. */
export function tellUnless(check: () => void): void {
  try {
    check();
  } catch (error) {
    process.exitCode = tellError(error);
  }
}

/** Writes an error to stderr in words, and returns the exit code. */
export function tellError(error: unknown): number {
  if (wasInterrupted(error)) return interruptedExitCode;
  if (error instanceof CommanderError) {
    if (hasSpacedNumbers(error))
      process.stderr.write(
        '(several numbers of one option are separated by commas: --max-concurrency 1,2,4)\n',
      );
    return error.exitCode === 0 ? 0 : 2;
  }
  if (error instanceof InputError) {
    for (const problem of error.problems)
      process.stderr.write(`error: ${printableLines(formatProblem(problem))}\n`);
    return error.exitCode;
  }
  if (error instanceof WorkError) {
    process.stderr.write(
      `error: ${printableLines(error.message)}\n${error.hint === undefined ? '' : `${error.hint}\n`}`,
    );
    return error.exitCode;
  }
  process.stderr.write(
    `internal error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}

/** Whether the excess arguments are numbers meant for an option that takes a comma-separated list. */
function hasSpacedNumbers({ code, message }: CommanderError): boolean {
  return code === 'commander.excessArguments' && /: [\d, ]+\.$/.test(message);
}
