import { pathPart } from '../../derived/path-part.ts';
import {
  isAggregated,
  isProduct,
  type RowField,
  roleRowFields,
  rowFieldNamed,
  rowFieldOfColumn,
  valueText,
} from '../../identity/index.ts';
import type { AggregateRow } from '../../results/index.ts';

/** Whether PostgreSQL can store a text, which must not contain U+0000 or a lone surrogate. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Replaces what PostgreSQL cannot store; log lines of an engine can contain anything. */
export function storableText(text: string): string {
  return isStorableText(text) ? text : text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The longest name in UTF-8 bytes, as in the API; a longer one would not fit into an index. */
export const longestName = 300;
export const largestInteger = 2 ** 31 - 1;
/** More GPUs or workers than any engine has; the sum of two such counts still fits a column. */
const largestLayout = 1_000_000;
/** More than any throughput or latency, in any unit. */
const largestMetric = 1e15;

/** Returns what is wrong with a value, or undefined. */
type Check = (value: unknown) => string | undefined;

const any: Check = (value) => {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${value} is not a number`;
  return typeof value !== 'string' || isStorableText(value)
    ? undefined
    : 'has a character that a database cannot store';
};

const whole =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? undefined
      : `expected a whole number from ${least} to ${most}, found ${JSON.stringify(value)}`;

const metric: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= largestMetric
    ? undefined
    : `expected a number from 0 to ${largestMetric}, found ${JSON.stringify(value)}`;

/** A check for text: not empty unless allowed, and at most `most` characters as `written`. */
function name(
  most: number,
  options: { readonly mayBeEmpty?: boolean; readonly inPath?: boolean } = {},
): Check {
  const written = options.inPath ? pathPart : (text: string) => text;
  // Consecutive rows share their names, so each is checked once.
  const good = new Set<unknown>();
  return (value) => {
    if (good.has(value)) return undefined;
    const problem = any(value);
    if (typeof value !== 'string' || problem !== undefined) return problem;
    if (!options.mayBeEmpty && value.trim() === '') return 'is empty';
    if (Buffer.byteLength(written(value)) > most)
      return `has ${value.length} characters, more than a name may have`;
    if (good.size < mostRemembered) good.add(value);
    return undefined;
  };
}

/**
 * Maximum number of cached values and fields: rows have few, but a hostile source could send new ones
 * forever.
 */
const mostRemembered = 1_000;

const anyName = name(longestName);
const anyNameOrNone = name(longestName, { mayBeEmpty: true });
/**
 * Four of these are joined to name a file of the published site; with the suffix added during writing, file
 * names must stay within 255.
 */
const ofSeries = name(45, { inPath: true });
const ofShape = name(150, { inPath: true });
const count = whole(1, largestInteger);
const layoutCount = whole(1, largestLayout);
const layoutCountOrNone = whole(0, largestLayout);

const flag: Check = any;
const product: Check = (value) =>
  isProduct(value)
    ? anyName(valueText(value))
    : `expected a name and a version, found ${JSON.stringify(value)}`;

/** Checks of identity columns by type. */
const identityChecks: Readonly<Record<RowField['line']['type'], (field: RowField) => Check>> = {
  text: ({ line }) => {
    // Public rows since August have an empty fingerprint if none was computed.
    if (line.optional === true) return line.part === 'none' ? anyNameOrNone : ofSeries;
    return textChecks[`${line.part}${line.default === undefined ? '' : ' or none'}`] ?? anyName;
  },
  count: ({ line, mayBeZero }) => {
    if (line.of === 'entry') return count;
    return mayBeZero ? layoutCountOrNone : layoutCount;
  },
  flag: () => flag,
  'spelled-flag': () => anyNameOrNone,
  product: () => product,
};
const textChecks: Readonly<Record<string, Check>> = {
  chart: ofShape,
  curve: ofSeries,
  'curve or none': name(45, { inPath: true, mayBeEmpty: true }),
};

const checks = new Map<string, Check>([
  ['n_eff', whole(0, largestInteger)],
  ...['task', 'score_name'].map((field): [string, Check] => [field, anyName]),
  ...['revision', 'state'].map((field): [string, Check] => [field, anyNameOrNone]),
]);

function checkOf(field: string): Check {
  const known = checks.get(field);
  if (known !== undefined) return known;
  const check = checkByName(field);
  if (checks.size < mostRemembered) checks.set(field, check);
  return check;
}

function checkByName(field: string): Check {
  const identity = rowFieldNamed(field) ?? rowFieldOfColumn(field);
  if (identity !== undefined) return identityChecks[identity.line.type](identity);
  const isMetric =
    /^(output_|input_)?tput_per_gpu$|^(mean|median|std|p[\d.]+)_(ttft|tpot|itl|e2el|intvty)$/.test(field);
  return isMetric ? metric : any;
}

/**
 * Throws an error that names the first field of an aggregate row or eval row with a value that no column can
 * hold or that is impossible: no engine has 0 GPUs, and no latency is below 0.
 */
export function requireStorable(row: object): void {
  const fields: Readonly<Record<string, unknown>> = { ...row };
  for (const field in fields) {
    const value = fields[field];
    if (value === null || value === undefined) continue;
    const problem = checkOf(field)(value);
    if (problem !== undefined) throw new Error(`${field}: ${problem}`);
    if (typeof value === 'object') requireStorable(value);
  }
}

/** Throws an error if a multi-node row lacks its GPU counts, or has 0 of something that its GPUs need. */
export function requireGpus(row: AggregateRow): void {
  if (!row.is_multinode) return;
  if (row.num_prefill_gpu === undefined && row.num_decode_gpu === undefined)
    throw new Error('num_prefill_gpu: required in a multi-node row');
  if (isAggregated(row)) return;
  for (const { row: field, mayBeZero } of roleRowFields)
    if (mayBeZero && row[field] === 0) throw new Error(`${field}: found 0, but there are GPUs that decode`);
}
