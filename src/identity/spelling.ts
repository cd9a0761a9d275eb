import { defined } from '../defined/defined.ts';
import { type EntrySlot, type IdentityLine, identityTable, type ValueType } from './table.ts';

/** `specDecoding` with a separator before each capital letter. */
type Parted<Name extends string, Sign extends string> = Name extends `${infer Head}${infer Tail}`
  ? Head extends Lowercase<Head>
    ? `${Head}${Parted<Tail, Sign>}`
    : `${Sign}${Lowercase<Head>}${Parted<Tail, Sign>}`
  : '';

export type Line = (typeof identityTable)[number];
export const roles = ['prefill', 'decode'] as const;
export type Role = (typeof roles)[number];
const titles: Readonly<Record<Role, string>> = { prefill: 'Prefill', decode: 'Decode' };

type Given<L, Key extends string> = L extends { readonly [key in Key]: infer Value extends string }
  ? Value
  : never;
type OrElse<Value extends string, Other extends string> = [Value] extends [never] ? Other : Value;

/** The name of a field in configs and matrix entries. */
export type EntryName<L extends Line> = OrElse<Given<L, 'entry'>, Parted<L['name'], '-'>>;
type RowPattern<L extends Line> = OrElse<Given<L, 'row'>, Parted<L['name'], '_'>>;
type WithRole<Pattern extends string, R extends Role> = Pattern extends `${infer Head}{role}${infer Tail}`
  ? `${Head}${R}${Tail}`
  : `${R}_${Pattern}`;
/** The column of a field's value for the whole engine. */
export type WholeColumn<L extends Line> = OrElse<Given<L, 'column'>, RowPattern<L>>;
type NodeRowName<L extends Line> = L extends { readonly of: 'role' } ? never : RowPattern<L>;
type RoleRowName<L extends Line> = L extends { readonly of: 'entry' } ? never : WithRole<RowPattern<L>, Role>;

/** All names of a field in a row, and the column of each; the column has the same name, with one exception. */
export type RowName<L extends Line> = L extends Line ? NodeRowName<L> | RoleRowName<L> : never;
export type ColumnName<L extends Line> = L extends Line ? OrElse<Given<L, 'column'>, RowName<L>> : never;

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** All names of a field in the API and in filters. */
export type ApiName<L extends Line> = L extends Line
  ? (L extends { readonly of: 'role' } ? never : L['name']) | Camel<RoleRowName<L>>
  : never;

/** The names of point filters in the page's URL, except boolean ones. */
export type FacetName = PageName<
  Exclude<LineWith<{ readonly part: 'curve' | 'point' }>, { readonly type: 'flag' }>
>;
type PageName<L extends Line> = L extends { readonly page: infer Page extends string }
  ?
      | (L extends { readonly of: 'role' } ? never : Page)
      | (L extends { readonly of: 'entry' } ? never : `${Role}-${Page}`)
  : never;

/** The lines of the table with these properties. */
export type LineWith<Like> = Extract<Line, Like>;
export type OptionalLine = LineWith<{ readonly optional: true }>;
export type NamedLine<Name extends Line['name']> = LineWith<{ readonly name: Name }>;

/** One value of a field in a row: the field itself, or its value for one role. */
export interface RowField {
  readonly line: IdentityLine;
  /** Absent if the value is for the whole engine. */
  readonly role?: Role;
  readonly row: string;
  readonly column: string;
  readonly api: string;
  readonly script: string;
  readonly label: string;
  /** Its column in the public summary; empty if it has none. */
  readonly heading: string;
  /** Whether it is 0 if its role has no workers. */
  readonly mayBeZero: boolean;
}

/** A line of the table with its spellings. */
export interface IdentityField {
  readonly line: IdentityLine;
  readonly entry: string;
  /** The value for a single-node engine or the whole entry; absent if only roles have it. */
  readonly whole?: RowField;
  /** The values for the roles of a multi-node engine; empty if only the whole entry has it. */
  readonly byRole: readonly RowField[];
}

/** The role that may have no workers; its counts are then 0. */
const roleOfZero = identityTable.flatMap((line: IdentityLine) => line.zeroOf ?? []).at(0);

export const identityFields: readonly IdentityField[] = identityTable.map(spelled);

function spelled(line: IdentityLine): IdentityField {
  const row = line.row ?? parted(line.name, '_');
  const script = line.script ?? parted(line.name, '_').toUpperCase();
  const whole: RowField = {
    line,
    row,
    column: line.column ?? row,
    api: line.name,
    script,
    label: line.label,
    heading: headingOf(line, 0),
    mayBeZero: false,
  };
  return {
    line,
    entry: line.entry ?? parted(line.name, '-'),
    ...defined({ whole: line.of === 'role' ? undefined : whole }),
    byRole:
      line.of === 'entry' ? [] : roles.map((role) => ofRole(line, role, row, line.roleScript ?? script)),
  };
}

function ofRole(line: IdentityLine, role: Role, row: string, script: string): RowField {
  const name = row.includes('{role}') ? row.replace('{role}', role) : `${role}_${row}`;
  return {
    line,
    role,
    row: name,
    column: name,
    api: camel(name),
    script: `${role.toUpperCase()}_${script}`,
    label: `${titles[role]} ${line.label}`,
    heading: headingOf(line, 1) === '' ? '' : `${titles[role]} ${headingOf(line, 1)}`,
    mayBeZero: role === roleOfZero && line.type === 'count' && line.optional !== true,
  };
}

/** Fields that came after January use their label as the heading. */
function headingOf({ summary, optional, label }: IdentityLine, at: 0 | 1): string {
  return summary?.[at] ?? (optional === true ? label : '');
}

function parted(name: string, sign: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `${sign}${letter.toLowerCase()}`);
}

function camel(name: string): string {
  return name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

const isPlain = ({ row }: IdentityLine) => row?.includes('{role}') !== true;

/** The row fields of the whole entry, in the order of a published row. */
export const entryRowFields: readonly RowField[] = identityFields
  .filter(({ line }) => line.of === 'entry')
  .flatMap(({ whole }) => whole ?? []);
/** The row fields for the layout of a single-node engine. */
export const nodeRowFields: readonly RowField[] = identityFields
  .filter(({ line }) => line.of === 'layout')
  .flatMap(({ whole }) => whole ?? []);
/** The row fields of a multi-node engine: all fields of one role, then of the other, then the counts of both. */
export const roleRowFields: readonly RowField[] = [
  ...roles.flatMap((role) =>
    identityFields.flatMap(({ line, byRole }) =>
      isPlain(line) ? byRole.filter((one) => one.role === role) : [],
    ),
  ),
  ...identityFields.flatMap(({ line, byRole }) => (isPlain(line) ? [] : byRole)),
];
/** All identity fields of a row. */
export const rowFields: readonly RowField[] = [...entryRowFields, ...nodeRowFields, ...roleRowFields];

/** A field that points can be filtered by on the page. */
export interface FacetField extends RowField {
  readonly name: FacetName;
}

/** The filters for points on the page, in table order. */
export const facetFields: readonly FacetField[] = rowFields.flatMap((field) => {
  const { page, part, type } = field.line;
  if (page === undefined || type === 'flag' || (part !== 'curve' && part !== 'point')) return [];
  // The type of the name derives from the same lines.
  return [{ ...field, name: (field.role === undefined ? page : `${field.role}-${page}`) as FacetName }];
});

type LaterChartLine = LineWith<{ readonly part: 'chart'; readonly optional: true }>;
export type ChartFilterName = PageName<LaterChartLine>;

/** The filters for the charts of a model on the page, besides their shape. */
export const chartFilterFields: readonly (RowField & { readonly name: ChartFilterName })[] =
  rowFields.flatMap((field) => {
    const { page, part, optional } = field.line;
    if (page === undefined || part !== 'chart' || optional !== true) return [];
    return [{ ...field, name: page as ChartFilterName }];
  });

const byRowName = new Map(rowFields.map((field) => [field.row, field]));
const byColumn = new Map(rowFields.map((field) => [field.column, field]));

/** The identity field with this name in a row. */
export function rowFieldNamed(name: string): RowField | undefined {
  return byRowName.get(name);
}

/** The identity field with this column in the store or in an accuracy row. */
export function rowFieldOfColumn(name: string): RowField | undefined {
  return byColumn.get(name);
}

/** The field with this name. */
export function fieldNamed(name: Line['name']): IdentityField {
  const found = identityFields.find(({ line }) => line.name === name);
  if (found === undefined) throw new Error(`unknown identity field ${name}`);
  return found;
}

/** The fields that entries have. */
export const entryFields: readonly IdentityField[] = identityFields.filter(
  ({ line }) => line.planned !== true,
);

/** The fields in one slot of an entry. */
export function fieldsInSlot(slot: EntrySlot): readonly IdentityField[] {
  return entryFields.filter(({ line }) => line.slot === slot);
}

/** Types of values in a row, by the type of their field. */
export interface RowValues extends Record<ValueType, unknown> {
  readonly text: string;
  readonly count: number;
  readonly flag: boolean;
  /** As the program that wrote the row spelled it: `true`, `True`. */
  readonly 'spelled-flag': string;
  readonly product: Product;
}

/** A software component that takes part in serving, such as a router. */
export type Product = { readonly name: string; readonly version?: string };
