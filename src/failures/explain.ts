import { type EndFacts, type KnownFailure, knownFailures } from './known/index.ts';
import { type LogLine, logLines } from './log-lines.ts';
import type { FailureClass } from './table.ts';

/** What the log of an engine says about why it failed. */
export interface Explanation {
  /** The cause in plain words; absent if only the line is known. */
  readonly meaning?: string;
  readonly todo?: string;
  readonly failureClass?: FailureClass;
  /** The decisive line, shortened; absent if the cause is not from the log. */
  readonly line?: string;
  /** Its line number in the given text, from 1. */
  readonly lineNumber?: number;
}

/** A line that may show the cause. */
interface Sign {
  readonly index: number;
  readonly weight: number;
  readonly known?: { readonly row: KnownFailure; readonly match: RegExpExecArray };
}

/**
 * Most certain first: a known cause in an error, an unknown exception, a known cause outside an error, a symptom of
 * something else, an unknown error.
 */
const weights = { cause: 5, exception: 4, mention: 3, symptom: 2, error: 1 } as const;

/** This many lines of a healthy engine between two signs separate two incidents. */
const healthyBetween = 5;

/**
 * Finds the failure at the end of a log. The last incident counts, and its first cause, because later lines follow from
 * it. Undefined if the log shows no failure.
 * @param more Rows that take precedence over the built-in ones.
 */
export function explainLog(
  log: string,
  facts: EndFacts = {},
  more: readonly KnownFailure[] = [],
): Explanation | undefined {
  const lines = logLines(log);
  const rows = [...more, ...knownFailures];
  const signs = lines.flatMap((line, index) => signIn(line, index, rows, facts.hung === true) ?? []);
  const told =
    decisive(signs, lines) ?? (bySignal(facts) === undefined ? decisive(errorsIn(lines), lines) : undefined);
  const counted = (facts.kernelKills ?? 0) > 0;
  if (counted && told?.known?.row.kind !== undefined) return childKilled;
  if (told === undefined || (counted && told.known === undefined))
    return counted ? childKilled : bySignal(facts);
  const text = lines[told.index]?.text ?? '';
  if (told.known === undefined) return { line: quoted(text, 0), lineNumber: told.index + 1 };
  const { row, match } = told.known;
  const { meaning, todo, failureClass } = row;
  return {
    meaning,
    todo,
    failureClass: typeof failureClass === 'function' ? failureClass(match, facts) : failureClass,
    line: quoted(text, match.index),
    lineNumber: told.index + 1,
  };
}

/** The meaning and the line as one text, for messages. */
export function explanationInWords({ meaning, line }: Explanation): string {
  if (meaning === undefined) return line ?? '';
  return line === undefined ? meaning : `${meaning} (${line})`;
}

const childKilled: Explanation = {
  meaning: 'the kernel ended a process of the engine because the host ran out of memory',
  todo: 'give the job more memory, load with fewer processes, or use nodes with more memory',
  failureClass: 'out-of-memory',
};

/** What a signal means if the log shows nothing. */
const signals: Readonly<Record<string, Explanation>> = {
  SIGBUS: {
    meaning: 'a write to shared memory failed: /dev/shm is too small or full',
    todo: 'check df /dev/shm on the node: delete leftover files, or raise --shm-size',
    failureClass: 'node-unfit',
  },
  SIGSEGV: {
    meaning: 'native code of the engine crashed (segfault)',
    todo: 'restart it; if it recurs, use another version of the engine',
    failureClass: 'engine-died',
  },
  SIGILL: {
    meaning: 'the engine was built for a newer processor than the node has',
    todo: 'use an image that is built for this processor',
    failureClass: 'image-unfit',
  },
};

function bySignal({ signal }: EndFacts): Explanation | undefined {
  return signal === undefined || signal === null ? undefined : signals[signal];
}

/** All unknown errors, for a log without anything better. */
function errorsIn(lines: readonly LogLine[]): Sign[] {
  return lines.flatMap(({ quotedAs }, index) =>
    quotedAs === 'error' ? [{ index, weight: weights.error }] : [],
  );
}

function signIn(
  { text, level, quotedAs }: LogLine,
  index: number,
  rows: readonly KnownFailure[],
  hung: boolean,
): Sign | undefined {
  if (text.trim() === '') return undefined;
  const quiet = level === 'info' || level === 'warning';
  let symptom: Sign | undefined;
  for (const row of rows) {
    if (quiet && row.kind !== 'waiting') continue;
    const match = row.pattern.exec(text);
    if (match === null) continue;
    const sign = { index, weight: weightOf(row, level === 'error', hung), known: { row, match } };
    if (row.kind !== 'symptom') return sign;
    symptom ??= sign;
  }
  if (symptom !== undefined) return symptom;
  return quotedAs === 'exception' ? { index, weight: weights.exception } : undefined;
}

function weightOf({ kind }: KnownFailure, error: boolean, hung: boolean): number {
  if (kind === 'symptom') return weights.symptom;
  if (kind === 'waiting') return hung ? weights.cause : weights.symptom;
  return error ? weights.cause : weights.mention;
}

/** The first cause of the last incident that has one; otherwise the most certain sign. */
function decisive(signs: readonly Sign[], lines: readonly LogLine[]): Sign | undefined {
  const told = stories(signs, lines);
  const surest = (story: readonly Sign[]) => Math.max(...story.map(({ weight }) => weight));
  const last =
    told.findLast((story) => surest(story) >= weights.exception) ??
    told.findLast((story) => surest(story) >= weights.mention) ??
    told.at(-1);
  if (last === undefined) return undefined;
  const weight = surest(last);
  // Of unknown exceptions, the last of the chain is the most specific; of causes, the first.
  const best = last.filter((sign) => sign.weight === weight);
  return weight === weights.exception ? best.at(-1) : best[0];
}

/** Groups signs into incidents, with a healthy engine in between. */
function stories(signs: readonly Sign[], lines: readonly LogLine[]): Sign[][] {
  const told: Sign[][] = [];
  let before = -1;
  for (const sign of signs) {
    const between = lines.slice(before + 1, sign.index).filter(({ level }) => level === 'info').length;
    if (before < 0 || between > healthyBetween) told.push([]);
    told.at(-1)?.push(sign);
    before = sign.index;
  }
  return told;
}

const mostQuoted = 200;

/** The line, or the part of it around the match. */
function quoted(text: string, at: number): string {
  const line = text.trim();
  if (line.length <= mostQuoted) return line;
  const start = at < mostQuoted - 60 ? 0 : Math.max(0, at - 40);
  return `${start === 0 ? '' : '…'}${line.slice(start, start + mostQuoted)}…`;
}
