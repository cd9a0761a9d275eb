import { z } from 'zod';
import type { Problem } from '../errors.ts';
import { closest } from './closest.ts';
import type { YamlFile } from './yaml-file.ts';

/** Every issue of a schema as a problem at its place in the file, with what was found and the nearest known field. */
export function problemsOf(yaml: YamlFile, schema: z.ZodType, error: z.ZodError): Problem[] {
  const known = fieldNames(schema);
  return error.issues
    .flatMap((issue) => whole(issue, schema))
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? unknownFields(yaml, issue, known) : [wrong(yaml, issue)],
    )
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function wrong(yaml: YamlFile, issue: z.core.$ZodIssue): Problem {
  return { ...yaml.locate(issue.path), message: `${fieldPrefix(issue.path)}${wording(issue)}` };
}

function unknownFields(
  yaml: YamlFile,
  issue: z.core.$ZodIssueUnrecognizedKeys,
  known: ReadonlySet<string>,
): Problem[] {
  return issue.keys.map((key) => {
    const near = closest(key, known);
    return {
      ...yaml.locate([...issue.path, key], 'key'),
      message: `unknown field '${key}'`,
      hint: near === undefined ? 'remove it' : `did you mean '${near}'?`,
    };
  });
}

/** Where what decides between alternatives is itself wrong, every issue of the first alternative, which names it too. */
function whole(issue: z.core.$ZodIssue, schema: z.ZodType): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return [issue];
  const path = issue.path.slice(0, -1);
  const [first] = alternativesAt(schema, path);
  const parsed = first === undefined ? undefined : z.safeParse(first, issue.input, { reportInput: true });
  return parsed?.error?.issues.map((inner) => ({ ...inner, path: [...path, ...inner.path] })) ?? [issue];
}

function alternativesAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly z.core.$ZodType[] {
  const [part, ...rest] = path;
  if (part === undefined) return schema instanceof z.ZodDiscriminatedUnion ? schema.options : [];
  if (schema instanceof z.ZodRecord) return alternativesAt(schema.valueType, rest);
  if (schema instanceof z.ZodArray) return alternativesAt(schema.element, rest);
  const field = schema instanceof z.ZodObject ? schema.shape[String(part)] : undefined;
  return field === undefined ? [] : alternativesAt(field, rest);
}

/** The innermost field of a path, for a reader who sees the line anyway. */
function fieldPrefix(path: readonly PropertyKey[]): string {
  const field = path.findLast((part) => typeof part === 'string');
  return field === undefined ? '' : `${field}: `;
}

function wording(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    return issue.input === undefined
      ? `missing; expected ${article(issue.expected)}`
      : `expected ${article(issue.expected)}, found ${JSON.stringify(issue.input)}`;
  }
  if (issue.code === 'invalid_value' && issue.values.every((value) => typeof value === 'boolean')) {
    return `${issue.input === undefined ? 'missing; ' : ''}expected true or false`;
  }
  if (issue.code === 'invalid_value') {
    return `expected one of ${issue.values.map(String).join(', ')}, found ${JSON.stringify(issue.input) ?? 'nothing'}`;
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    return 'expected true or false';
  }
  return issue.message;
}

function article(type: string): string {
  const names: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'a text',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    record: 'a map',
  };
  return names[type] ?? type;
}

/** Every field name anywhere in a schema. */
function fieldNames(schema: z.core.$ZodType, names = new Set<string>()): Set<string> {
  if (schema instanceof z.ZodObject) {
    for (const [name, inner] of Object.entries(schema.shape)) {
      names.add(name);
      fieldNames(inner, names);
    }
  } else if (schema instanceof z.ZodDiscriminatedUnion) {
    for (const option of schema.options) fieldNames(option, names);
  } else if (schema instanceof z.ZodArray) fieldNames(schema.element, names);
  else if (schema instanceof z.ZodRecord) fieldNames(schema.valueType, names);
  else if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault
  ) {
    fieldNames(schema.unwrap(), names);
  }
  return names;
}
