import type { z } from 'zod';
import { count, describe, type FilePlace, wrongFile } from '../datasets/files/problem.ts';
import { recordsOf } from '../datasets/files/records.ts';
import { openTextFile } from '../datasets/files/text-file.ts';
import { type AgentTrace, agentTraceSchema } from './trace.ts';

/** A trace and where it starts in its file. */
export interface PlacedTrace {
  readonly trace: AgentTrace;
  readonly place: FilePlace;
}

/**
 * Reads the traces of a file one after another, in memory limited by the longest trace. The file has one trace per
 * line, or a single one. Throws LoadError `bad-test` with the line and the field of the first error.
 */
export async function* readAgentTraces(file: string): AsyncGenerator<PlacedTrace> {
  await using text = await openTextFile(file);
  const lineOfId = new Map<string, number>();
  for await (const { value, line } of recordsOf(text, { isRow: () => false, exactIntegers: true })) {
    const place = { file, line };
    const trace = parseAgentTrace(value, place);
    const earlier = lineOfId.get(trace.id);
    if (earlier !== undefined) {
      throw wrongFile(
        place,
        `id: ${JSON.stringify(trace.id)} is already the id of the trace in line ${earlier}`,
      );
    }
    lineOfId.set(trace.id, line);
    yield { trace, place };
  }
  if (lineOfId.size === 0) {
    throw wrongFile({ file }, 'the file has no traces', 'expected a JSON object on each line, one per trace');
  }
}

/** Checks every field of a trace; unknown fields are errors. */
export function parseAgentTrace(value: unknown, place: FilePlace): AgentTrace {
  const parsed = agentTraceSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first, ...more] = parsed.error.issues.flatMap((issue) => faultsOf(issue, value));
  const others = more.length === 0 ? '' : ` (and ${count(more.length, 'more error')} in this trace)`;
  throw wrongFile(place, `${first ?? 'not a trace'}${others}`);
}

function faultsOf(issue: z.core.$ZodIssue, trace: unknown): readonly string[] {
  const at = fieldName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${fieldName([...issue.path, key])}: unknown field`);
  }
  const found = describe(valueAt(trace, issue.path));
  if (issue.code === 'invalid_union') {
    const inSubagent = issue.path.length > 3;
    return [
      `${at}: unknown type of request, expected "n"${inSubagent ? ' or "s"' : ', "s" or "subagent"'}, not ${found}`,
    ];
  }
  return [`${at === '' ? 'this' : at}: expected ${expectedBy(issue)}, not ${found}`];
}

/** What a field should be; the library's own messages are not loaded everywhere. */
function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'too_small':
      return issue.inclusive === false
        ? `a number above ${issue.minimum}`
        : `a number of at least ${issue.minimum}`;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'custom':
      return issue.message;
    default:
      return 'another value';
  }
}

const typeNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a string',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** A path as in JavaScript: `requests[3].hash_ids`. */
function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, key) : undefined),
    value,
  );
}
