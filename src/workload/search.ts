import { z } from 'zod';
import type { LoadSearch } from '../load/index.ts';
import { type LoadKind, loadKinds, searchDefaults } from '../load/search/levels.ts';
import { readSlo, type Slo } from '../load/search/slo.ts';

/** A search for the largest load within the SLOs of a workload, by the names of `bench serve --search`. */
export interface AskedSearch {
  readonly load?: LoadKind;
  readonly min?: number;
  readonly max?: number;
  readonly resolution?: number;
  readonly confidence?: number;
  readonly 'max-requests'?: number;
}

const positive = () => z.number().positive('expected a number above 0');
const part = (about: string) =>
  positive().max(0.999, 'expected a number above 0 and below 1').describe(about).exactOptional();

export const searchSchema = () =>
  z
    .strictObject({
      load: z
        .enum(loadKinds)
        .describe('What is searched: the highest concurrency, up to that of the item, or the highest rate')
        .exactOptional(),
      min: positive().describe('Lowest load to try (default: 1)').exactOptional(),
      max: positive()
        .describe(`Highest rate to try (default: ${searchDefaults.range.rate.max})`)
        .exactOptional(),
      resolution: part('How close the ends of the bracket have to be (default: 0.05, 5 %)'),
      confidence: part('Probability that the interval contains the true limit (default: 0.95)'),
      'max-requests': z
        .int()
        .min(1, 'expected a whole number above 0')
        .describe(`Requests of all tests together (default: ${searchDefaults.maxRequests})`)
        .exactOptional(),
    })
    .describe('Finds the largest load at which the SLOs hold, instead of measuring one load');

/** The SLO that a text states; undefined if it is not one. */
export function sloIn(text: string): Slo | undefined {
  const read = readSlo(text);
  return 'message' in read ? undefined : read;
}

/** The parts of a definition that a search needs, or that it decides itself. */
export interface Searchable {
  readonly slo?: readonly string[];
  readonly search?: AskedSearch;
}

/** The search that a point at this concurrency asks for; undefined for none. */
export function searchOf({ search, slo = [] }: Searchable, conc: number): LoadSearch | undefined {
  if (search === undefined) return undefined;
  const { load: kind = 'concurrency', min, max, resolution, confidence } = search;
  const range = searchDefaults.range[kind];
  return {
    kind,
    min: min ?? range.min,
    max: kind === 'concurrency' ? conc : (max ?? range.max),
    resolution: resolution ?? searchDefaults.resolution,
    confidence: confidence ?? searchDefaults.confidence,
    maxRequests: search['max-requests'] ?? searchDefaults.maxRequests,
    slos: slo.flatMap((text) => sloIn(text) ?? []),
  };
}

/** Fields of a definition whose values a search chooses. */
const chosen = [
  'arrivals',
  'num-prompts',
  'duration',
  'warm-up',
  'cool-down',
  'until-precision',
  'stop-when-saturated',
  'max-errors',
];

/** Refuses a search whose definition contradicts it. */
export function checkSearch(
  traffic: Searchable & Readonly<Record<string, unknown>>,
  context: z.core.$RefinementCtx,
): void {
  const { search, slo } = traffic;
  if (search === undefined) return;
  const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (slo === undefined) issue(['search'], "needs slo, the limits to stay within, such as ['ttft:p99<500']");
  for (const field of chosen)
    if (traffic[field] !== undefined) issue([field], 'not with search, which chooses what each test sends');
  const { load = 'concurrency', min, max } = search;
  if (load === 'concurrency' && max !== undefined)
    issue(
      ['search', 'max'],
      'only for load: rate; the concurrency of each item is the highest that is tried',
    );
  if (load === 'concurrency' && min !== undefined && !Number.isInteger(min))
    issue(['search', 'min'], `expected a whole number, found ${min}`);
  if (min !== undefined && max !== undefined && min > max)
    issue(['search', 'min'], `expected at most ${max}, the highest load to try, found ${min}`);
}
