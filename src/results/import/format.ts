import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Claim, UnreadableError } from './claim.ts';

/** Facts about a file besides its content, and values that override it. */
export interface ImportContext {
  /** When it was written, for tools that do not record when they measured. */
  readonly writtenAt: Date;
  /** The served model, if the tool does not record it or records another name. */
  readonly model?: string;
  /** Maximum requests in flight, if the tool does not record it. */
  readonly concurrency?: number;
}

export type Fields = Readonly<Record<string, unknown>>;

/** How a kind of file is recognised: by a combination of fields that only it has. */
interface Recognised {
  /** What its files are, for messages. */
  readonly title: string;
  /** Top-level fields of its files. */
  readonly marks: readonly string[];
  /** An additional condition, for kinds with the same marks. */
  readonly also?: (document: Fields) => boolean;
}

/** Results of one tool that can be read. */
export interface ResultFormat extends Recognised {
  /** The tool's name, as in `source.tool` of the raw result. */
  readonly tool: string;
  /** What a document says was measured; throws a ZodError or an UnreadableError that says what is missing. */
  readonly read: (document: unknown, context: ImportContext) => Claim[];
}

/** Known files that contain no serving benchmark result, or only a part of one. */
export interface OtherFormat extends Recognised {
  /** Why it is not imported. */
  readonly why: string;
  /** What to import or do instead. */
  readonly instead?: string;
}

/**
 * The fields of a document by their plain names: the public client writes `request_goodput:`, and other tools change
 * case. Throws UnreadableError if two of them are one field with two values.
 */
export function plainFields(document: object): Fields {
  const fields = new Map<string, unknown>();
  for (const [name, value] of Object.entries(document)) {
    const plain = name.trim().replace(/\s*:$/, '').toLowerCase();
    const other = fields.get(plain) ?? null;
    if (other !== null && value !== null && !isDeepStrictEqual(other, value))
      throw new UnreadableError(`it has ${plain} twice, with different values`);
    fields.set(plain, other ?? value);
  }
  return Object.fromEntries(fields);
}

export function recognises({ marks, also }: Recognised, document: Fields): boolean {
  return marks.every((mark) => mark in document) && (also?.(document) ?? true);
}

/** Any number, including Python's NaN and infinities: whether it is plausible is judged later, in one place. */
export const numeric = z.unknown().optional().transform(numberIn);

/** The same if the tool may have none. */
export const numericOrNone = z
  .unknown()
  .optional()
  .transform((value, context) => (value == null ? undefined : numberIn(value, context)));

function numberIn(value: unknown, context: z.core.$RefinementCtx): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  const message =
    value == null ? 'it is missing' : `expected a number, not ${JSON.stringify(value).slice(0, 40)}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

/** A bound on requests in flight; tools write null, 0 or -1 for none. */
export const concurrency = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : null));

/** Requests a second, as the contract writes them: 'inf' without a bound. */
export function requestRate(value: unknown): number | string | null {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (typeof value === 'number') return value > 0 ? value : null;
  if (typeof value !== 'string' || value === 'NaN') return null;
  return /^\+?inf(?:inity)?$/i.test(value) ? 'inf' : value;
}

/** Throws UnreadableError that asks for the name of the model. */
export function named(model: string | undefined): string {
  if (model === undefined) throw new UnreadableError('the served model is missing; pass --model');
  return model;
}

/** The start of a test, from its end and its duration in seconds. */
export function startOf(end: Date, durationS: number): Date {
  return new Date(end.getTime() - 1000 * durationS);
}
