import { z } from 'zod';
import { scenarioField, scenarios } from '../identity/index.ts';

const text = z.string().min(1, 'expected a text, found an empty one');

/** A block of text without the newline that ends its last line, as the public tool reads the end of a file. */
const block = text.overwrite((value) => value.replace(/\n$/, ''));
const sentences = z.array(text).min(1, 'expected at least one sentence');

/** What a page makes a link of. */
const webLink = text.regex(/^https?:\/\/\S+$/, 'expected an https:// address');

const truths: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...['true', 'yes', 'on', 'y', 't', '1', 1, true].map((value) => [value, true] as const),
  ...['false', 'no', 'off', 'n', 'f', '0', 0, false].map((value) => [value, false] as const),
]);
const truthOf = (value: unknown) => truths.get(typeof value === 'string' ? value.toLowerCase() : value);

/** A truth value, or a text that the public tool takes for one. */
const flag = z
  .unknown()
  .refine((value) => truthOf(value) !== undefined, 'expected true or false')
  .transform((value) => truthOf(value) === true)
  .meta({ type: 'boolean' });

const shape = {
  'config-keys': z.array(text).min(1, 'expected at least one config key'),
  /** One text, and no link, is how the oldest public entries are written. */
  description: z.union([sentences, block], { error: 'expected a list of sentences' }),
  'pr-link': text.exactOptional(),
  /** No throughput is measured. */
  'evals-only': flag.exactOptional(),
  /** Every answer is checked, not only those that the contract selects; no throughput is measured. */
  'all-evals': flag.exactOptional(),
  /** Only what the configs have gained is measured. */
  'append-only': flag.exactOptional(),
  /** Drops the checks of answers on several nodes whose prefill workers have fewer experts than this. */
  'eval-min-prefill-ep': z.int().min(1, 'expected a whole number above 0').exactOptional(),
  [scenarioField]: z.array(z.enum(scenarios)).min(1, 'expected at least one scenario').exactOptional(),
};

const januaryShape = {
  'config-keys': shape['config-keys'],
  description: shape.description,
  'pr-link': shape['pr-link'],
};

/** An entry of any contract. */
export const entrySchema = z.strictObject(shape).superRefine(checkSelection);

/** The schema of perf-changelog.yaml (contract §3 and F4): a list that only ever grows. */
export const changelogSchema = z.array(entrySchema);

/** The entries of January's contract, and those of August's. */
export const januaryEntrySchema = z.strictObject(januaryShape);
export const augustEntrySchema = z
  .strictObject({ ...shape, description: sentences, 'pr-link': text })
  .superRefine(checkSelection);

/** What `changelog add` writes. */
export const newEntrySchema = z
  .strictObject({ ...shape, description: sentences, 'pr-link': webLink })
  .superRefine(checkSelection);

/** One change: which configs it requests to measure again, and why. */
export type ChangelogEntry = z.output<typeof entrySchema>;

/** An entry in today's form. */
export type NewEntry = z.output<typeof newEntrySchema>;

/** Points are added to what was measured before, so that no answers are checked again. */
function checkSelection(
  entry: Pick<
    z.output<z.ZodObject<typeof shape>>,
    'append-only' | 'evals-only' | 'all-evals' | 'eval-min-prefill-ep'
  >,
  context: z.core.$RefinementCtx,
): void {
  if (entry['append-only'] !== true) return;
  const others = (['evals-only', 'all-evals', 'eval-min-prefill-ep'] as const).filter(
    (name) => entry[name] !== undefined && entry[name] !== false,
  );
  for (const name of others)
    context.addIssue({
      code: 'custom',
      path: [name],
      message: 'cannot be combined with append-only: true, which measures new points and checks no answers',
    });
}
