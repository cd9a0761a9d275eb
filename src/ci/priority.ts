import { z } from 'zod';
import { asciiJson } from '../ascii-json.ts';
import { defined } from '../defined/defined.ts';
import { type Fault, InputError } from '../errors.ts';
import { sha256OfText } from '../sha256.ts';

const points = z.number();
/** Points by value. */
const byValue = z.record(z.string(), points);

/**
 * A policy file, `ci-priority.yaml`, which gives points for properties of a job. Fields that it does not list
 * give none.
 */
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

/** The context of the queued jobs. */
export interface PriorityContext {
  /** GitHub's event, such as `push`; empty if there is none. */
  readonly event: string;
  /** Labels of the pull request. */
  readonly labels: readonly string[];
  /** A namespace in which queue tokens are unique, such as the run's id. */
  readonly namespace: string;
  readonly pullRequest?: number;
  /** If set, only these criteria give points; see `priorityCriteria`. */
  readonly criteria?: readonly string[];
}

/** A matrix entry; only the fields that give points are read. */
type Entry = Readonly<Record<string, unknown>>;
type Adjustments = PriorityPolicy['adjustments'];

/** Properties of an entry that give points. */
const traits: readonly {
  readonly criterion: string;
  readonly holds: (entry: Entry) => boolean;
}[] = [
  { criterion: 'multi-node', holds: ({ prefill }) => prefill !== undefined && prefill !== null },
  { criterion: 'agentic', holds: (entry) => entry['scenario-type'] === 'agentic-coding' },
  { criterion: 'eval-only', holds: (entry) => entry['eval-only'] === true },
];

/**
 * Fields of an entry whose values give points. A framework gets the points of the first name that is equal to
 * it or a prefix of it.
 */
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

/** Whether a name is the family or a member of it: `vllm-disagg` is in the family `vllm`. */
function isOfFamily(value: string, family: string): boolean {
  return value === family || value.startsWith(`${family}-`);
}

/** The names of all criteria that a policy has points for. */
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

/** An error if the policy does not know all criteria, else undefined. */
export function criteriaFault(policy: PriorityPolicy, criteria: readonly string[]): Fault | undefined {
  const known = priorityCriteria(policy);
  const unknown = criteria.filter((one) => !known.includes(one));
  return unknown.length === 0
    ? undefined
    : { message: `unknown criteria ${unknown.join(', ')}`, hint: `known are ${known.join(', ')}` };
}

/**
 * The score of a matrix entry: the policy's base, plus points for the event, for properties of the entry, and
 * for its precision, speculative decoding, framework and model. A label for patched engines sets the score
 * instead, unless another label waives it. Rounded half up to three decimals. Throws InputError if
 * `node-count` is not a positive whole number.
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

/** Decimal places to which points are added exactly, without binary rounding errors. */
const exactDecimals = 9;

/** The sum, rounded half up to three decimals. */
function threeDecimals(summands: readonly number[]): string {
  const exact = summands.reduce((sum, one) => sum + BigInt(Math.round(one * 10 ** exactDecimals)), 0n);
  const step = 10n ** BigInt(exactDecimals - 3);
  const sign = exact < 0n ? '-' : '';
  const rounded = ((exact < 0n ? -exact : exact) + step / 2n) / step;
  return `${sign}${rounded / 1000n}.${String(rounded % 1000n).padStart(3, '0')}`;
}

/**
 * Adds a `priority` and a `queue-token` to the entries of a matrix as printed by `generate` or `changelog
 * process`. A token is 32 hexadecimal digits of the SHA-256 of the namespace, the entry's position in the
 * matrix, and the entry as JSON with sorted keys. If the pull request has the skip-queue label, entries also
 * get its number.
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
    'queue-token': sha256OfText(`${context.namespace}:${place.join('/')}:${asciiJson(matrix)}`).slice(0, 32),
    ...defined({ 'skip-queue-pr': skipsQueue ? context.pullRequest : undefined }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
