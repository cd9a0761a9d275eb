import { z } from 'zod';
import { companionProblems, fieldsOfEither, layoutProblems, lopsidedFields } from '../identity/entry.ts';
import { configShape } from '../identity/entry-schema.ts';

/** Schema parts that all contracts share. */

const positive = z.int().min(1, 'expected a number above 0');

export const concurrency = {
  'conc-start': positive.exactOptional(),
  'conc-end': positive.exactOptional(),
  'conc-list': z.array(positive).min(1, 'expected at least one concurrency').exactOptional(),
};

interface ConcurrencyFields {
  readonly 'conc-start'?: number;
  readonly 'conc-end'?: number;
  readonly 'conc-list'?: readonly number[];
}

/** Either a list or both ends of a range, in ascending order; exactly one of the two. */
export function checkConcurrency(fields: ConcurrencyFields, context: z.core.$RefinementCtx): void {
  const { 'conc-start': start, 'conc-end': end, 'conc-list': list } = fields;
  const issue = (message: string) => context.addIssue({ code: 'custom', message });
  const ranged = start !== undefined || end !== undefined;
  if (list !== undefined && ranged) issue('expected either conc-list or conc-start and conc-end, found both');
  else if (list === undefined && !ranged)
    issue('expected a concurrency: conc-list, or conc-start and conc-end');
  else if (list === undefined && (start === undefined || end === undefined)) {
    issue(
      `expected conc-start and conc-end together, found only conc-${start === undefined ? 'end' : 'start'}`,
    );
  } else if (start !== undefined && end !== undefined && start > end) {
    issue(`expected conc-start at most conc-end, found ${start} > ${end}`);
  }
}

/** Rules between the values of a layout. */
export function checkLayout(layout: object, context: z.core.$RefinementCtx): void {
  for (const { field, message } of layoutProblems({ ...layout }))
    context.addIssue({ code: 'custom', path: [field], message });
}

/** Rules between the fields of an item. */
export function checkCompanions(item: object, context: z.core.$RefinementCtx): void {
  for (const { field, message } of companionProblems({ ...item }))
    context.addIssue({ code: 'custom', path: [field], message });
}

/** A field that is set for both roles must not be set for a single one. */
export function checkRoles(
  { prefill, decode }: { readonly prefill: object; readonly decode: object },
  context: z.core.$RefinementCtx,
): void {
  for (const { role, field } of lopsidedFields({ prefill: { ...prefill }, decode: { ...decode } })) {
    const message = `missing; prefill and decode say ${field}, or neither does`;
    context.addIssue({ code: 'custom', path: [role, field], message });
  }
}

/** An item of a search space, with its path in the config. */
export interface PlacedItem {
  readonly path: readonly (string | number)[];
  readonly item: object;
}

/** Fields that are allowed in the config and in its items must be in only one of them. */
export function checkPlaces(
  config: object,
  items: readonly PlacedItem[],
  context: z.core.$RefinementCtx,
): void {
  for (const field of fieldsOfEither.filter((name) => name in config)) {
    const first = items.find(({ item }) => field in item);
    if (first === undefined) continue;
    const message = 'expected it in the config or in its items, found it in both';
    context.addIssue({ code: 'custom', path: [...first.path, field], message });
  }
}

export const workers = (role: 'prefill' | 'decode') =>
  z
    .strictObject({
      ...configShape(['item'], ['role'], { required: true, role }),
      ...configShape(['item'], ['layout'], { required: true }),
      'additional-settings': z.array(z.string()).exactOptional(),
    })
    .superRefine(checkLayout);

export const runner = z.string().min(1, 'expected a text, found an empty one');

export const configKey = z
  .string()
  .regex(/^[^*]+$/, "a config key may not contain '*': that is a wildcard where keys are named");

export const runnerNodes = z
  .array(z.string().min(1, 'expected a node name'))
  .min(1, 'expected at least one node');
