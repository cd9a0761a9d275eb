import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import type { Problem } from '../errors.ts';
import { closest } from './closest.ts';
import { firstOf, mostShown } from './first-problems.ts';
import type { YamlFile } from './yaml-positions.ts';

/** Every issue of a schema as a problem with its position in the file, what was found, and the closest known field. */
export function problemsOf(yaml: YamlFile, schema: z.ZodType, error: z.ZodError): Problem[] {
  const known = fieldPlaces(schema);
  const decider = discriminatorIn(schema);
  const problems = firstOf(error.issues, yaml.file, (issue) =>
    whole(issue, schema).flatMap((one) =>
      one.code === 'unrecognized_keys'
        ? unknownFields(yaml, one, known, { schema, decider })
        : [wrong(yaml, one, known)],
    ),
  );
  return problems.toSorted(
    (a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || (a.column ?? 0) - (b.column ?? 0),
  );
}

/** The problem of one value of data that did not come from a file, with its field and what was found. */
export function issueInWords(issue: z.core.$ZodIssue): string {
  return `${fieldPrefix(issue.path)}${wording(issue, shown)}`;
}

function wrong(yaml: YamlFile, issue: z.core.$ZodIssue, known: FieldPlaces): Problem {
  const near = nearestValue(issue);
  const field = innermostField(issue.path);
  // A file with unknown fields may be something else, such as a file with passwords.
  const show = field !== undefined && known.has(field) ? shown : kindOf;
  return {
    ...yaml.locate(issue.path),
    message: `${fieldPrefix(issue.path)}${wording(issue, show)}`,
    ...defined({
      expected: expectedBy(issue),
      hint: near === undefined ? undefined : `did you mean '${near}'?`,
    }),
  };
}

/** The allowed value closest to the given one. */
function nearestValue(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code !== 'invalid_value' || typeof issue.input !== 'string') return undefined;
  return closest(
    issue.input,
    issue.values.filter((value) => typeof value === 'string'),
  );
}

function unknownFields(
  yaml: YamlFile,
  issue: z.core.$ZodIssueUnrecognizedKeys,
  known: FieldPlaces,
  { schema, decider }: { readonly schema: z.ZodType; readonly decider: string | undefined },
): Problem[] {
  // One more than is reported shows that there are more.
  return issue.keys.slice(0, mostShown + 1).map((key) => {
    const within = fieldWith(key, alternativeOf(yaml.value, issue.path, schema));
    const place = yaml.locate([...issue.path, key], 'key');
    return {
      ...place,
      message: `unknown field '${key}'`,
      hint: within === undefined ? hintFor(key, issue.path, known, decider) : `it belongs in ${within}`,
    };
  });
}

/** The alternative that the map at a path chooses by its discriminator. */
function alternativeOf(
  value: unknown,
  path: readonly PropertyKey[],
  schema: z.core.$ZodType,
): z.core.$ZodType | undefined {
  const field = discriminatorIn(schema);
  let map = value;
  for (const part of path) map = mapOf(map)[String(part)];
  const chosen = field === undefined ? undefined : mapOf(map)[field];
  return alternativesAt(schema, path).find(
    (option) => field !== undefined && literalsOf(option, field).some((literal) => literal === chosen),
  );
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The field of an alternative whose own value has a field of a name. */
function fieldWith(key: string, alternative: z.core.$ZodType | undefined): string | undefined {
  if (!(alternative instanceof z.ZodObject)) return undefined;
  return Object.entries(alternative.shape).find(
    ([, inner]) =>
      inner instanceof z.ZodDiscriminatedUnion &&
      inner.options.some((option) => option instanceof z.ZodObject && key in option.shape),
  )?.[0];
}

function hintFor(
  key: string,
  path: readonly PropertyKey[],
  known: FieldPlaces,
  decider: string | undefined,
): string {
  const places = known.get(key);
  if (places === undefined) {
    const near = closest(key, known.keys());
    return near === undefined ? 'remove it' : `did you mean '${near}'?`;
  }
  const here = path.filter((part) => typeof part === 'string');
  const isHere = places.some((place) => place.every((field, at) => here.at(at - place.length) === field));
  const elsewhere = places[0]?.findLast((field) => !here.includes(field));
  return isHere || elsewhere === undefined
    ? `it belongs to another kind of config${decider === undefined ? '' : `: ${decider} determines the allowed fields`}`
    : `it belongs in ${elsewhere}`;
}

/** If the discriminator itself is wrong, every issue of the first alternative, which also reports the discriminator. */
function whole(issue: z.core.$ZodIssue, schema: z.ZodType): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return [issue];
  const path = issue.path.slice(0, -1);
  const alternatives = alternativesAt(schema, path);
  const [first] = alternatives;
  const parsed = first === undefined ? undefined : z.safeParse(first, issue.input, { reportInput: true });
  return (
    parsed?.error?.issues.map((inner) => ({
      ...inner,
      ...defined({
        values:
          inner.code === 'invalid_value' && inner.path[0] === issue.discriminator
            ? alternatives.flatMap((option) => literalsOf(option, String(issue.discriminator)))
            : undefined,
      }),
      path: [...path, ...inner.path],
    })) ?? [issue]
  );
}

/** The values of the discriminator that select an alternative. */
function literalsOf(alternative: z.core.$ZodType, field: string): z.core.util.Primitive[] {
  const literal = alternative instanceof z.ZodObject ? alternative.shape[field] : undefined;
  return literal instanceof z.ZodLiteral ? [...literal.values] : [];
}

function alternativesAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly z.core.$ZodType[] {
  const [part, ...rest] = path;
  if (part === undefined) return schema instanceof z.ZodDiscriminatedUnion ? schema.options : [];
  if (schema instanceof z.ZodRecord) return alternativesAt(schema.valueType, rest);
  if (schema instanceof z.ZodArray) return alternativesAt(schema.element, rest);
  const field = schema instanceof z.ZodObject ? schema.shape[String(part)] : undefined;
  return field === undefined ? [] : alternativesAt(field, rest);
}

/** The field that decides between the alternatives of a schema. */
function discriminatorIn(schema: z.core.$ZodType): string | undefined {
  if (schema instanceof z.ZodDiscriminatedUnion) return schema.def.discriminator;
  if (schema instanceof z.ZodRecord) return discriminatorIn(schema.valueType);
  return schema instanceof z.ZodArray ? discriminatorIn(schema.element) : undefined;
}

/** Names the innermost field of a path, which is enough for a reader who sees the line. */
function fieldPrefix(path: readonly PropertyKey[]): string {
  const field = innermostField(path);
  return field === undefined ? '' : `${field}: `;
}

function innermostField(path: readonly PropertyKey[]): string | undefined {
  return path.findLast((part) => typeof part === 'string');
}

/** What a value should be; undefined if only the message of the issue says so. */
function expectedBy(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === 'invalid_type') return article(issue.expected);
  if (issue.code !== 'invalid_value') return undefined;
  if (issue.values.every((value) => typeof value === 'boolean')) return 'true or false';
  return `one of ${issue.values.map(String).join(', ')}`;
}

function wording(issue: z.core.$ZodIssue, show: (value: unknown) => string): string {
  const expected = expectedBy(issue);
  if (expected !== undefined) {
    return issue.input === undefined
      ? `missing; expected ${expected}`
      : `expected ${expected}, found ${show(issue.input)}${writtenOut(issue.input)}`;
  }
  switch (issue.code) {
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join('; ');
    case 'invalid_union':
      return `${issue.input === undefined ? 'missing; ' : ''}${issue.message}`;
    case 'too_small':
      return typeof issue.input === 'number' ? `${issue.message}, found ${issue.input}` : issue.message;
    default:
      return issue.message;
  }
}

/** `1k` as a count of tokens. */
function writtenOut(value: unknown): string {
  const thousands = typeof value === 'string' ? /^(\d+)k$/i.exec(value)?.[1] : undefined;
  return thousands === undefined ? '' : ` (write ${1024 * Number(thousands)})`;
}

/** The type of a value, without the value. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'number') return 'a number';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : article(typeof value);
}

/** A value as JSON, truncated if it is too long for a line. */
function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
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

/** Every field anywhere in a schema, with the paths at which it is allowed. */
type FieldPlaces = ReadonlyMap<string, readonly (readonly string[])[]>;

function fieldPlaces(
  schema: z.core.$ZodType,
  inside: readonly string[] = [],
  places = new Map<string, (readonly string[])[]>(),
): FieldPlaces {
  if (schema instanceof z.ZodObject) {
    for (const [name, inner] of Object.entries(schema.shape)) {
      const known = places.get(name) ?? [];
      places.set(name, [...known, inside]);
      fieldPlaces(inner, [...inside, name], places);
    }
  } else if (schema instanceof z.ZodDiscriminatedUnion) {
    for (const option of schema.options) fieldPlaces(option, inside, places);
  } else if (schema instanceof z.ZodArray) fieldPlaces(schema.element, inside, places);
  else if (schema instanceof z.ZodRecord) fieldPlaces(schema.valueType, inside, places);
  else if (schema instanceof z.ZodPipe) fieldPlaces(schema.in, inside, places);
  else if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault
  ) {
    fieldPlaces(schema.unwrap(), inside, places);
  }
  return places;
}
