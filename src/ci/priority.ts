import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { type Fault, InputError } from '../errors.ts';

const points = z.number();
/** Points by the value that earns them. */
const byValue = z.record(z.string(), points);

/** A policy file, `ci-priority.yaml`: what earns a job how many points. Fields that it does not name earn none. */
export const priorityPolicySchema = z.object({
  version: z.literal(1),
  'base-score': points,
  adjustments: z.record(z.string(), z.union([points, byValue])),
  labels: z.object({
    'skip-queue': z.object({ name: z.string() }),
    'checklist-complete': z
      .object({ names: z.array(z.string()).default([]), adjustment: points.default(0) })
      .prefault({}),
    patchwork: z.object({
      names: z.array(z.string()),
      score: points,
      'waived-by': z.array(z.string()).default([]),
    }),
  }),
});

export type PriorityPolicy = z.output<typeof priorityPolicySchema>;

/** What the jobs are queued for. */
export interface PriorityContext {
  /** GitHub's event, such as `push`; empty if there is none. */
  readonly event: string;
  /** Labels of the pull request. */
  readonly labels: readonly string[];
  /** What queue tokens are unique in, such as the run's id. */
  readonly namespace: string;
  readonly pullRequest?: number;
  /** The only facts that earn points, if they are restricted; see `priorityCriteria`. */
  readonly criteria?: readonly string[];
}

/** An entry of the matrix; only what earns points is read. */
type Entry = Readonly<Record<string, unknown>>;
type Adjustments = PriorityPolicy['adjustments'];

/** What an entry is, and the points for it. */
const traits: readonly {
  readonly criterion: string;
  readonly holds: (entry: Entry) => boolean;
}[] = [
  { criterion: 'multi-node', holds: ({ prefill }) => prefill !== undefined && prefill !== null },
  { criterion: 'agentic', holds: (entry) => entry['scenario-type'] === 'agentic-coding' },
  { criterion: 'eval-only', holds: (entry) => entry['eval-only'] === true },
];

/** Values of an entry, and the points by value; a framework earns those of the first name that it is or begins with. */
const valued: readonly {
  readonly value: (entry: Entry) => unknown;
  readonly points: (adjustments: Adjustments) => Adjustments[string] | undefined;
  readonly byFamily?: true;
}[] = [
  { value: (entry) => entry.precision, points: (policy) => policy.precision },
  { value: (entry) => entry['spec-decoding'], points: (policy) => policy['spec-decoding'] },
  { value: (entry) => entry.framework, points: (policy) => policy['framework-prefix'], byFamily: true },
  { value: (entry) => entry['model-prefix'], points: (policy) => policy['model-prefix'] },
];

/** The name itself, or one of its family: `vllm-disagg` is of the family `vllm`. */
function isOfFamily(value: string, family: string): boolean {
  return value === family || value.startsWith(`${family}-`);
}

/** Every fact that a policy has points for, by the name that criteria have. */
export function priorityCriteria({ adjustments }: PriorityPolicy): string[] {
  return [
    ...traits.map(({ criterion }) => criterion),
    'checklist-complete',
    'patchwork',
    ...valued.flatMap(({ points: of }) => Object.keys(valuesOf(of(adjustments)))),
  ];
}

function valuesOf(adjustment: Adjustments[string] | undefined): Readonly<Record<string, number>> {
  return typeof adjustment === 'object' ? adjustment : {};
}

/** What is wrong with criteria; undefined if the policy knows all of them. */
export function criteriaFault(policy: PriorityPolicy, criteria: readonly string[]): Fault | undefined {
  const known = priorityCriteria(policy);
  const unknown = criteria.filter((one) => !known.includes(one));
  return unknown.length === 0
    ? undefined
    : { message: `unknown criteria ${unknown.join(', ')}`, hint: `known are ${known.join(', ')}` };
}

/**
 * The points of a matrix entry: the policy's base, and those of the event, of what the entry is, and of its precision,
 * drafting, framework and model. A label for patched engines that is not waived sets the score instead. Rounded half up
 * to three decimals. Throws InputError if `node-count` is not a positive whole number.
 */
export function priorityOf(entry: Entry, policy: PriorityPolicy, context: PriorityContext): string {
  const { adjustments, labels } = policy;
  const { criteria } = context;
  const hasLabel = (names: readonly string[]) => names.some((name) => context.labels.includes(name));
  const isPatched = criteria?.includes('patchwork') === true || hasLabel(labels.patchwork.names);
  if (isPatched && !hasLabel(labels.patchwork['waived-by'])) return threeDecimals([labels.patchwork.score]);
  const nodes = entry['node-count'] ?? 1;
  if (!Number.isSafeInteger(nodes) || Number(nodes) < 1)
    throw new InputError(
      `node-count is ${JSON.stringify(nodes)}; expected a positive whole number`,
    ).asFailedRun();
  const counts = (criterion: string) => criteria === undefined || criteria.includes(criterion);
  const checklist = labels['checklist-complete'];
  const isChecked = criteria?.includes('checklist-complete') === true || hasLabel(checklist.names);
  return threeDecimals([
    policy['base-score'],
    valuesOf(adjustments.event)[context.event] ?? 0,
    ...traits.map(({ criterion, holds }) => {
      const earned = adjustments[criterion];
      return counts(criterion) && holds(entry) && typeof earned === 'number' ? earned : 0;
    }),
    ...valued.map(({ value: of, points: pointsIn, byFamily }) => {
      const value = String(of(entry) ?? '');
      const earned = Object.entries(valuesOf(pointsIn(adjustments)));
      if (!earned.some(([name]) => counts(name) && isOfFamily(value, name)) && criteria !== undefined)
        return 0;
      return earned.find(([name]) => (byFamily ? isOfFamily(value, name) : name === value))?.[1] ?? 0;
    }),
    isChecked ? checklist.adjustment : 0,
  ]);
}

/** Decimal places of points that are added without an error of binary fractions. */
const exactDecimals = 9;

/** The sum with three decimals, half up. */
function threeDecimals(summands: readonly number[]): string {
  const exact = summands.reduce((sum, one) => sum + BigInt(Math.round(one * 10 ** exactDecimals)), 0n);
  const step = 10n ** BigInt(exactDecimals - 3);
  const sign = exact < 0n ? '-' : '';
  const rounded = ((exact < 0n ? -exact : exact) + step / 2n) / step;
  return `${sign}${rounded / 1000n}.${String(rounded % 1000n).padStart(3, '0')}`;
}

/**
 * A matrix, as `generate` or `changelog process` prints it, whose entries have a `priority` and a `queue-token`: 32
 * hexadecimal digits of the SHA-256 of the namespace, of the entry's place in the matrix and of the entry as JSON with
 * sorted keys. With the label that skips the queue they have the pull request, too.
 */
export function withPriorities(
  matrix: unknown,
  policy: PriorityPolicy,
  context: PriorityContext,
  place: readonly string[] = [],
): unknown {
  if (Array.isArray(matrix))
    return matrix.map((one: unknown, index) => withPriorities(one, policy, context, [...place, `${index}`]));
  if (!isRecord(matrix)) return matrix;
  const parts = Object.entries(matrix).map(([key, value]): [string, unknown] => [
    key,
    withPriorities(value, policy, context, [...place, key]),
  ]);
  if (!('runner' in matrix && 'framework' in matrix)) return Object.fromEntries(parts);
  const skipsQueue = context.labels.includes(policy.labels['skip-queue'].name);
  return {
    ...Object.fromEntries(parts),
    priority: priorityOf(matrix, policy, context),
    'queue-token': createHash('sha256')
      .update(`${context.namespace}:${place.join('/')}:${canonicalJson(matrix)}`)
      .digest('hex')
      .slice(0, 32),
    ...defined({ 'skip-queue-pr': skipsQueue ? context.pullRequest : undefined }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** JSON with sorted keys and without blanks, in ASCII. */
function canonicalJson(value: unknown): string {
  const sorted = JSON.stringify(value, (_, part: unknown) =>
    isRecord(part) && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
  return sorted.replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
