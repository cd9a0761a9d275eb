import { z } from 'zod';
import { InputError, WorkError } from '../errors.ts';
import { identityOfServer, type ServerFacts } from '../identity/index.ts';
import { rawResultFields } from '../load/result-schema.ts';
import { reasonFor } from '../schema-words.ts';
import { type AggregateRow, aggregateRow } from './aggregate-row.ts';

/** The input and output lengths that a load test requested. */
export interface TestedShape {
  readonly isl: number;
  readonly osl: number;
}

const testedPoint = rawResultFields
  .pick({ model_id: true })
  .extend({ max_concurrency: z.int().positive().nullable() })
  .loose();

/**
 * The row of a load test on a server that its owner described. Throws InputError for a test with unlimited concurrency,
 * which is not a point, and WorkError if the raw result is invalid.
 */
export function rowOfServer(raw: unknown, facts: ServerFacts, shape: TestedShape): AggregateRow {
  const { data: tested, error } = testedPoint.safeParse(raw);
  if (tested === undefined)
    throw new WorkError(`not a raw result: ${reasonFor(error)}`, { code: 'not-a-result' });
  const { model_id: model, max_concurrency: conc } = tested;
  if (conc === null) {
    throw new InputError(
      'measured without a concurrency limit, so it is not a point of a curve',
      'measure with --max-concurrency',
      { code: 'not-a-result' },
    );
  }
  return aggregateRow(raw, identityOfServer(facts, { ...shape, model, conc }));
}
