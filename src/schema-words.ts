import { z } from 'zod';
import { messageOf } from './errors.ts';

/** Replaces the schema library's error messages by ours; a message in a schema takes precedence. */
z.config({ localeError: whatIsWrong });

/** Issues per value that are listed in one line. */
const mostNamed = 3;

/**
 * Why something could not be read, in one line: the first issues of a schema error, or the message of another error.
 */
export function reasonFor(error: unknown): string {
  if (!(error instanceof z.ZodError)) return messageOf(error).replaceAll(/\s*\n\s*/g, '; ');
  const named = error.issues.slice(0, mostNamed).map((issue) => issueInWords(issue));
  const left = error.issues.length - named.length;
  return `${named.join('; ')}${left > 0 ? `; and ${left} more` : ''}`;
}

/** `rows[2].conc: expected a whole number, found "many"`; for a union, the alternative that almost matched. */
function issueInWords(issue: z.core.$ZodIssue): string {
  const { path, message } = nearestIssue(issue);
  const place = path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`))
    .join('');
  return place === '' ? message : `${place}: ${message}`;
}

/** The position and the message of an issue; for a union, of the alternative that almost matched. */
export function nearestIssue(
  { path, ...issue }: z.core.$ZodIssue,
  within: readonly PropertyKey[] = [],
): { readonly path: readonly PropertyKey[]; readonly message: string } {
  const whole = [...within, ...path];
  const nearest = issue.code === 'invalid_union' ? nearestOf(issue.errors) : undefined;
  return nearest === undefined ? { path: whole, message: issue.message } : nearestIssue(nearest, whole);
}

/** The first issue of the alternative that fails at the deepest level, because that is probably the intended one. */
function nearestOf(alternatives: readonly (readonly z.core.$ZodIssue[])[]): z.core.$ZodIssue | undefined {
  const depth = (issues: readonly z.core.$ZodIssue[]) =>
    Math.max(0, ...issues.map(({ path }) => path.length));
  const deepest = Math.max(0, ...alternatives.map(depth));
  return deepest === 0 ? undefined : alternatives.find((issues) => depth(issues) === deepest)?.[0];
}

/** What was expected and found. The found value is omitted if it is long, or a string of a certain format. */
function whatIsWrong(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return found(typeInWords(issue.expected), issue.input);
    case 'invalid_value':
      return found(
        issue.values.every((value) => typeof value === 'boolean')
          ? 'true or false'
          : oneOf(issue.values.map(String)),
        issue.input,
      );
    case 'invalid_format':
      return `expected ${formats[issue.format] ?? `text of the form ${issue.pattern ?? issue.format}`}`;
    case 'too_small':
      return bound(issue.inclusive === false ? 'above ' : 'of at least ', issue.minimum, issue);
    case 'too_big':
      return bound(issue.inclusive === false ? 'below ' : 'of at most ', issue.maximum, issue);
    case 'unrecognized_keys':
      return unknownFields(issue.keys);
    case 'invalid_union':
      return union(issue.errors, issue.input);
    case 'invalid_key':
      return 'a name that is not allowed here';
    default:
      return 'a value that is not allowed here';
  }
}

/** Maximum fields that one message lists. */
const mostFields = 10;

function unknownFields(keys: readonly string[]): string {
  const left = keys.length - mostFields;
  const named = keys.slice(0, mostFields).map((key) => `'${key}'`);
  return `unknown ${keys.length === 1 ? 'field' : 'fields'} ${named.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}

function found(expected: string, input: unknown): string {
  return input === undefined
    ? `missing; expected ${expected}`
    : `expected ${expected}, found ${shown(input)}`;
}

/** The message for a value if every alternative of a union expects another type. */
function union(alternatives: readonly (readonly z.core.$ZodIssue[])[], input: unknown): string {
  const types = alternatives.flatMap(([first]) =>
    first?.code === 'invalid_type' && first.path.length === 0 ? [typeInWords(first.expected)] : [],
  );
  return types.length > 0 && types.length === alternatives.length
    ? found([...new Set(types)].join(' or '), input)
    : `${shown(input)} has none of the allowed forms`;
}

function bound(word: string, limit: number | bigint, { origin, input }: z.core.$ZodRawIssue): string {
  if (origin === 'string') return `expected a text ${word}${limit} characters`;
  if (origin === 'array' || origin === 'set') return `expected a list ${word}${limit} elements`;
  return found(`a number ${word}${limit}`, input);
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? values.join() : `one of ${values.join(', ')}`;
}

const longestShown = 40;

/** A value as JSON, cut off if it is long; for a list or map, only its kind. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > longestShown ? `${text.slice(0, longestShown - 1)}…` : text;
}

const formats: Readonly<Record<string, string>> = {
  datetime: 'a time such as 2026-01-14T10:15:00Z',
  date: 'a date such as 2026-01-14',
  url: 'an address such as https://example.org',
  json_string: 'JSON',
};

const types: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map',
  record: 'a map',
};

function typeInWords(type: string): string {
  return types[type] ?? type;
}
