import { z } from 'zod';
import { WorkError } from '../errors.ts';
import type { Product, Role, RowField } from './spelling.ts';
import type { IdentityLine, ValueType } from './table.ts';

/** A value in a row. */
export type RowValue = string | number | boolean | Product;
/** A value in a column; null if a point has none, or if an optional field has its default. */
export type ColumnValue = string | number | null;

/** How to read and write the values of one type in all formats. */
interface TypeOfValue {
  /** Schemas for configs, matrix entries and rows. */
  readonly configSchema: z.ZodType<RowValue>;
  readonly entrySchema: z.ZodType<RowValue>;
  readonly rowSchema: z.ZodType<RowValue>;
  readonly columnType: 'integer' | 'text';
  /** The column type in exported tables. */
  readonly exportType: 'text' | 'integer' | 'boolean';
  /** Converts between an entry's and a row's value. */
  readonly toRow: (value: RowValue) => RowValue;
  readonly toEntry: (value: RowValue) => RowValue;
  readonly toScript: (value: RowValue) => string;
  /** Parses a script's variable; throws WorkError that names the variable. */
  readonly fromScript: (text: string, field: RowField) => RowValue;
  /** Converts a value to its column; null if the column cannot hold it. */
  readonly toColumn: (value: RowValue | undefined) => ColumnValue;
  readonly fromColumn: (value: string | number) => RowValue;
  /** Schema for API responses; `askedColumn` converts a requested value to that of the column. */
  readonly apiSchema: z.ZodType<ApiValue>;
  /** Schema for queries, where values are text. */
  readonly querySchema: z.ZodType<ApiValue>;
  readonly toApi: (value: RowValue) => ApiValue;
  readonly askedColumn: (value: ApiValue) => string | number;
}

/** A value in the API. */
export type ApiValue = string | number | boolean;

const text = z.string().min(1, 'expected a text, found an empty one');

const product = z.strictObject({
  // As one text, a component is written `name version`.
  name: z.string().regex(/^\S+$/, 'expected a name without spaces'),
  version: text.exactOptional(),
});
/** A version that is an image digest means nothing to a reader. */
const versionedProduct = product.extend({
  version: text.regex(/^(?!image:)/, 'expected a version such as 0.1.14, found an image'),
});
const countOrNone = z.int().min(0, 'expected a number, 0 or more');

/** Texts longer than any name are rejected before they reach the store. */
const anyText = z.string().min(1).max(300);
/** A number in a query, as text; some clients send it as a number. */
const wholeNumberAsked = z.coerce
  .number<string | number>({
    error: ({ code }) => (code === 'invalid_type' ? 'expected a number' : undefined),
  })
  .int('expected a whole number')
  .positive()
  .max(1_000_000_000);
const flagAsked = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((asked) => asked === true || asked === 'true');

export const valueTypes: Readonly<Record<ValueType, TypeOfValue>> = {
  text: {
    configSchema: text,
    entrySchema: z.string(),
    rowSchema: z.string(),
    columnType: 'text',
    exportType: 'text',
    toRow: (value) => value,
    toEntry: (value) => value,
    toScript: String,
    fromScript: (written) => written,
    toColumn: (value) => (typeof value === 'string' ? value : null),
    fromColumn: String,
    apiSchema: z.string(),
    querySchema: anyText,
    toApi: String,
    askedColumn: String,
  },
  count: {
    configSchema: z.int().min(1, 'expected a number above 0'),
    entrySchema: z.int().positive(),
    rowSchema: z.int().positive(),
    columnType: 'integer',
    exportType: 'integer',
    toRow: (value) => value,
    toEntry: (value) => value,
    toScript: String,
    fromScript: wholeNumber,
    toColumn: (value) => (typeof value === 'number' ? value : null),
    fromColumn: Number,
    apiSchema: z.int().positive(),
    querySchema: wholeNumberAsked,
    toApi: Number,
    askedColumn: Number,
  },
  flag: {
    configSchema: z.boolean(),
    entrySchema: z.boolean(),
    rowSchema: z.boolean(),
    columnType: 'integer',
    exportType: 'boolean',
    toRow: (value) => value,
    toEntry: (value) => value,
    toScript: String,
    fromScript: (written) => isTrue(written),
    toColumn: (value) => (value === true ? 1 : 0),
    fromColumn: (value) => value === 1,
    apiSchema: z.boolean(),
    querySchema: flagAsked,
    toApi: (value) => value === true,
    askedColumn: (value) => (value === true ? 1 : 0),
  },
  'spelled-flag': {
    configSchema: z.boolean(),
    entrySchema: z.boolean(),
    rowSchema: z.string(),
    columnType: 'text',
    exportType: 'text',
    toRow: String,
    toEntry: (value) => isTrue(String(value)),
    toScript: String,
    fromScript: (written) => written,
    // The public format copies the value as given, so `True` and `true` are the same layout.
    toColumn: (value) => (value === undefined ? null : String(value).toLowerCase()),
    fromColumn: String,
    apiSchema: z.boolean(),
    querySchema: flagAsked,
    toApi: (value) => isTrue(String(value)),
    askedColumn: String,
  },
  product: {
    configSchema: product,
    entrySchema: product,
    rowSchema: product,
    columnType: 'text',
    exportType: 'text',
    toRow: (value) => value,
    toEntry: (value) => value,
    toScript: (value) => JSON.stringify(value),
    fromScript: productIn,
    toColumn: (value) => (isProduct(value) ? productText(value) : null),
    fromColumn: (value) => productNamed(String(value)),
    apiSchema: z.string(),
    querySchema: anyText,
    toApi: valueText,
    askedColumn: String,
  },
};

/** Any value of a row. */
export const rowValueSchema = z.union([z.string(), z.number(), z.boolean(), product]);

export function isTrue(written: string | undefined): boolean {
  return written?.toLowerCase() === 'true';
}

function wholeNumber(written: string, { script, mayBeZero }: RowField): number {
  const number = Number(written);
  if (!Number.isInteger(number) || number < (mayBeZero ? 0 : 1))
    throw new WorkError(
      `${script} must be a whole number ${mayBeZero ? 'from 0 on' : 'above 0'}, not '${written}'`,
      { code: 'bad-variable' },
    );
  return number;
}

function productIn(written: string, { line, script }: RowField): Product {
  try {
    return (line.versioned === true ? versionedProduct : product).parse(JSON.parse(written));
  } catch {
    throw new WorkError(
      `${script} must be JSON such as {"name":"vllm-router","version":"0.1.14"}, not '${written}'`,
      { code: 'bad-variable' },
    );
  }
}

export function isProduct(value: unknown): value is Product {
  return typeof value === 'object' && value !== null && 'name' in value;
}

/** A component as one text, such as `vllm-router 0.1.14`. */
export function productText({ name, version }: Product): string {
  return version === undefined ? name : `${name} ${version}`;
}

function productNamed(written: string): Product {
  const [name = '', ...version] = written.split(' ');
  return version.length === 0 ? { name } : { name, version: version.join(' ') };
}

/** The schema of a field's value in configs; `role` if it belongs to a role. */
export function configSchemaOf(line: IdentityLine, role?: Role): z.ZodType<RowValue> {
  if (line.values !== undefined) return z.enum(line.values);
  return schemaOfItsOwn(line, role) ?? valueTypes[line.type].configSchema;
}

/** The schema of a field's value in matrix entries, which other tools write, too. */
export function entrySchemaOf(line: IdentityLine, role?: Role): z.ZodType<RowValue> {
  return schemaOfItsOwn(line, role) ?? valueTypes[line.type].entrySchema;
}

/** The schema of a field that is stricter or looser than its type. */
function schemaOfItsOwn({ versioned, zeroOf }: IdentityLine, role?: Role): z.ZodType<RowValue> | undefined {
  if (versioned === true) return versionedProduct;
  return zeroOf !== undefined && zeroOf === role ? countOrNone : undefined;
}

/** Whether a value of a field that January's contract lacks means the same as its absence. */
export function isLeftOut({ optional, default: initial }: IdentityLine, value: unknown): boolean {
  return optional === true && (value === undefined || value === initial);
}

/** A value as text, for names and for display. */
export function valueText(value: RowValue): string {
  return isProduct(value) ? productText(value) : String(value);
}
