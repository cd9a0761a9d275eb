import { z } from 'zod';
import type { Problem } from '../errors.ts';
import { closest } from './closest.ts';
import type { YamlFile } from './yaml-file.ts';

/** Every issue of a schema as a problem at its place in the file, with what was found and the nearest known field. */
export function problemsOf(yaml: YamlFile, schema: z.ZodType, error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ ...yaml.locate(issue.path), message: `${fieldPrefix(issue.path)}${wording(issue)}` }];
    }
    const known = fieldNames(schema);
    return issue.keys.map((key) => {
      const near = closest(key, known);
      return {
        ...yaml.locate([...issue.path, key], 'key'),
        message: `unknown field '${key}'`,
        hint: near === undefined ? 'remove it' : `did you mean '${near}'?`,
      };
    });
  });
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
