import { defined } from '../defined/defined.ts';
import { type EntrySlot, type IdentityLine, identityTable, type ValueType } from './table.ts';

/** `specDecoding` with another sign before what begins with a capital letter. */
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

/** How a field is called in configs and matrix entries. */
export type EntryName<L extends Line> = OrElse<Given<L, 'entry'>, Parted<L['name'], '-'>>;
type RowPattern<L extends Line> = OrElse<Given<L, 'row'>, Parted<L['name'], '_'>>;
type WithRole<Pattern extends string, R extends Role> = Pattern extends `${infer Head}{role}${infer Tail}`
  ? `${Head}${R}${Tail}`
  : `${R}_${Pattern}`;
/** The column of a field's value for the whole engine. */
export type WholeColumn<L extends Line> = OrElse<Given<L, 'column'>, RowPattern<L>>;
type NodeRowName<L extends Line> = L extends { readonly of: 'role' } ? never : RowPattern<L>;
type RoleRowName<L extends Line> = L extends { readonly of: 'entry' } ? never : WithRole<RowPattern<L>, Role>;

/** Every name that a field has in a row, and the column of each, which is called the same but for one. */
export type RowName<L extends Line> = L extends Line ? NodeRowName<L> | RoleRowName<L> : never;
export type ColumnName<L extends Line> = L extends Line ? OrElse<Given<L, 'column'>, RowName<L>> : never;

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** Every name that a field has in the API and in filters. */
export type ApiName<L extends Line> = L extends Line
  ? (L extends { readonly of: 'role' } ? never : L['name']) | Camel<RoleRowName<L>>
  : never;

/** What the page's address calls the fields that points are chosen by there, beside those that are true or false. */
export type FacetName = PageName<
  Exclude<LineWith<{ readonly part: 'curve' | 'point' }>, { readonly type: 'flag' }>
>;
type PageName<L extends Line> = L extends { readonly page: infer Page extends string }
  ?
      | (L extends { readonly of: 'role' } ? never : Page)
      | (L extends { readonly of: 'entry' } ? never : `${Role}-${Page}`)
  : never;

/** The lines of the table that are like this. */
export type LineWith<Like> = Extract<Line, Like>;
export type OptionalLine = LineWith<{ readonly optional: true }>;
export type NamedLine<Name extends Line['name']> = LineWith<{ readonly name: Name }>;

/** One value of a field in a row: the field itself, or that of one role. */
export interface RowField {
  readonly line: IdentityLine;
  /** Absent where the value is the whole engine's. */
  readonly role?: Role;
  readonly row: string;
  readonly column: string;
  readonly api: string;
  readonly script: string;
  readonly label: string;
  /** Its column in the public summary; empty for none. */
  readonly heading: string;
  /** It is 0 if its role has no workers. */
  readonly mayBeZero: boolean;
}

/** A line with its spellings. */
export interface IdentityField {
  readonly line: IdentityLine;
  readonly entry: string;
  /** Of an engine on one node or of the whole entry; absent where only roles have it. */
  readonly whole?: RowField;
  /** Of the roles of an engine on several nodes; none where only the whole entry has it. */
  readonly byRole: readonly RowField[];
}

/** The role that may have no workers, and so none of what is counted of them. */
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

/** What came after January has its label for a heading. */
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

/** The values of a row that are the whole entry's, in the order of a published row. */
export const entryRowFields: readonly RowField[] = identityFields
  .filter(({ line }) => line.of === 'entry')
  .flatMap(({ whole }) => whole ?? []);
/** Those that say how an engine on one node is laid out. */
export const nodeRowFields: readonly RowField[] = identityFields
  .filter(({ line }) => line.of === 'layout')
  .flatMap(({ whole }) => whole ?? []);
/** Those of an engine on several nodes: everything of one role, then of the other, then what both are counted by. */
export const roleRowFields: readonly RowField[] = [
  ...roles.flatMap((role) =>
    identityFields.flatMap(({ line, byRole }) =>
      isPlain(line) ? byRole.filter((one) => one.role === role) : [],
    ),
  ),
  ...identityFields.flatMap(({ line, byRole }) => (isPlain(line) ? [] : byRole)),
];
/** Every value of a row that says what was measured. */
export const rowFields: readonly RowField[] = [...entryRowFields, ...nodeRowFields, ...roleRowFields];

/** A value that points are chosen by on the page. */
export interface FacetField extends RowField {
  readonly name: FacetName;
}

/** What points are chosen by on the page, in the order of the table. */
export const facetFields: readonly FacetField[] = rowFields.flatMap((field) => {
  const { page, part, type } = field.line;
  if (page === undefined || type === 'flag' || (part !== 'curve' && part !== 'point')) return [];
  // The type of the name is made of the same lines.
  return [{ ...field, name: (field.role === undefined ? page : `${field.role}-${page}`) as FacetName }];
});

type LaterChartLine = LineWith<{ readonly part: 'chart'; readonly optional: true }>;
export type ChartFilterName = PageName<LaterChartLine>;

/** What the charts of a model are chosen by on the page beside their shape. */
export const chartFilterFields: readonly (RowField & { readonly name: ChartFilterName })[] =
  rowFields.flatMap((field) => {
    const { page, part, optional } = field.line;
    if (page === undefined || part !== 'chart' || optional !== true) return [];
    return [{ ...field, name: page as ChartFilterName }];
  });

const byRowName = new Map(rowFields.map((field) => [field.row, field]));
const byColumn = new Map(rowFields.map((field) => [field.column, field]));

/** The identity value that a row keeps under a name. */
export function rowFieldNamed(name: string): RowField | undefined {
  return byRowName.get(name);
}

/** The one that a column of the store, or an accuracy row, has under a name. */
export function rowFieldOfColumn(name: string): RowField | undefined {
  return byColumn.get(name);
}

/** The line of a field. */
export function fieldNamed(name: Line['name']): IdentityField {
  const found = identityFields.find(({ line }) => line.name === name);
  if (found === undefined) throw new Error(`unknown identity field ${name}`);
  return found;
}

/** The fields that entries have. */
export const entryFields: readonly IdentityField[] = identityFields.filter(
  ({ line }) => line.planned !== true,
);

/** Those that stand at a place of an entry. */
export function fieldsInSlot(slot: EntrySlot): readonly IdentityField[] {
  return entryFields.filter(({ line }) => line.slot === slot);
}

/** What a value is in a row, by the type of its field. */
export interface RowValues extends Record<ValueType, unknown> {
  readonly text: string;
  readonly count: number;
  readonly flag: boolean;
  /** As whoever wrote the row spelled it: `true`, `True`. */
  readonly 'spelled-flag': string;
  readonly product: Product;
}

/** A product that takes part in serving, such as a router. */
export type Product = { readonly name: string; readonly version?: string };
