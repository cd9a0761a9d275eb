import { z } from 'zod';
import { InputError } from '../../errors.ts';
import { BadQuestion } from '../question.ts';

/** Texts longer than any name are rejected before they reach the store. */
const name = z.string().min(1).max(300);

/** A number, which a query contains as text and a tool call as a number. */
const number = () =>
  z.coerce.number<string | number>({
    error: ({ code }) => (code === 'invalid_type' ? 'expected a number' : undefined),
  });
const wholeNumber = number().int('expected a whole number').positive().max(1_000_000_000);

export const parameters = {
  model: name.describe('The model prefix, such as `dsr1`'),
  isl: wholeNumber.describe('Input sequence length, tokens'),
  osl: wholeNumber.describe('Output sequence length, tokens'),
  hw: name.describe('The hardware key, such as `h200`'),
  framework: name.describe('The serving engine, such as `vllm`'),
  precision: name.describe('Such as `fp8`'),
  conc: wholeNumber.describe('Concurrency: requests in flight'),
  run: name.describe("A run's id"),
  time: z.iso.datetime({ offset: true }),
  medianInteractivity: number()
    .positive()
    .max(1_000_000)
    .describe('Tokens per second per user, at the median'),
  ttftMs: number().positive().max(86_400_000),
  usdPerGpuHour: number().positive().max(1_000_000),
} as const;

export const pageParameters = {
  limit: number()
    .int('expected a whole number')
    .min(1)
    .max(1000)
    .default(100)
    .describe('Items on a page, 1 to 1000'),
  cursor: name.optional().describe('`next` of the previous page; omit it for the first page'),
};

/** The `next` cursor of a page. */
export const next = z
  .string()
  .nullable()
  .describe('Pass it as `cursor` to get the next page; null on the last one');

/** Converts the InputError of an invalid cursor into a BadQuestion, because it is the client's mistake. */
export async function asPage<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new BadQuestion(error.problems.map(({ message }) => ({ parameter: 'cursor', message })));
  }
}
