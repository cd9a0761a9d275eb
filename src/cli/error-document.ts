import { CommanderError } from 'commander';
import { defined } from '../defined/defined.ts';
import type { ErrorCode } from '../error-codes.ts';
import { InputError, type Problem, WorkError } from '../errors.ts';
import { Interrupted } from './interrupt.ts';

/** Where a problem is: in a file, or in an option of the command line. */
interface ErrorPlace {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly option?: string;
}

/** An error as `--json` prints it; null if unknown. */
export interface ErrorDocument {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where: ErrorPlace | null;
  readonly expected: string | null;
  readonly hint: string | null;
}

/** Every problem of an error that ends a command, the first first; empty if the command only printed its help. */
export function errorDocuments(error: unknown): readonly ErrorDocument[] {
  if (wasInterrupted(error)) return [documentOf({ code: 'interrupted', message: 'interrupted' })];
  if (error instanceof CommanderError) return error.exitCode === 0 ? [] : [ofUsage(error)];
  if (error instanceof InputError) return error.problems.map((problem) => documentOf(problem));
  if (error instanceof WorkError) {
    const { code, message, hint } = error;
    return [documentOf({ code, message, ...defined({ hint }) })];
  }
  const message = error instanceof Error ? error.message : String(error);
  return [documentOf({ code: 'internal', message })];
}

/** Whether an error is an interrupt; code that waits for an aborted signal may wrap its reason. */
export function wasInterrupted(error: unknown): boolean {
  return error instanceof Interrupted || (error instanceof Error && error.cause instanceof Interrupted);
}

function documentOf({ code = 'bad-input', message, expected, hint, ...place }: Problem): ErrorDocument {
  const { file, line, column } = place;
  const where = file === undefined ? null : { file, ...defined({ line, column }) };
  return { code, message, where, expected: expected ?? null, hint: hint ?? null };
}

const codesOfUsage: Readonly<Record<string, ErrorCode>> = {
  'commander.unknownCommand': 'unknown-command',
  'commander.unknownOption': 'unknown-option',
  'commander.invalidArgument': 'bad-option',
  'commander.missingArgument': 'missing-option',
  'commander.missingMandatoryOptionValue': 'missing-option',
  'commander.optionMissingArgument': 'missing-option',
  'commander.conflictingOption': 'conflicting-options',
  'commander.excessArguments': 'excess-arguments',
  'commander.help': 'unknown-command',
};

/** Commander has only texts: the option and what was expected of it are read from them. */
function ofUsage({ code, message }: CommanderError): ErrorDocument {
  const [first = '', ...rest] = message.replace(/^error: /, '').split('\n');
  const option = /--[a-z][\w-]*/.exec(first)?.[0];
  const choices = /Allowed choices are (.+)\.$/.exec(first)?.[1];
  const expected = choices === undefined ? /(?:^|[\s;])expected (.+)$/.exec(first)?.[1] : `one of ${choices}`;
  const hint = rest
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1');
  return {
    code: codesOfUsage[code] ?? 'bad-input',
    message: first,
    where: option === undefined ? null : { option },
    expected: expected ?? null,
    hint: hint === '' ? null : hint,
  };
}
