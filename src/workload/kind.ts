import { z } from 'zod';
import { errorBoundForm, errorBoundIn, precisionForm, precisionIn } from '../load/ending/stop-rules.ts';
import type { DatasetOptions } from '../load/index.ts';
import { onFirstUse } from '../on-first-use.ts';
import { arrivalsSchema, type WorkloadArrivals } from './arrivals.ts';
import { type AskedSearch, checkSearch, searchSchema, sloIn } from './search.ts';

const atLeastOne = () => z.int().min(1, 'expected a whole number above 0');

/** A count of tokens, requests or turns. */
export const count = (about: string) => atLeastOne().describe(about);
export const share = (about: string) =>
  z.number().min(0, 'expected a number from 0 to 1').max(1, 'expected a number from 0 to 1').describe(about);

/** The fields of every workload, whatever it sends. */
const commonFields = onFirstUse(() => ({
  arrivals: arrivalsSchema().exactOptional(),
  goodput: z
    .strictObject({
      ttft: z.number().positive().exactOptional(),
      tpot: z.number().positive().exactOptional(),
      e2el: z.number().positive().exactOptional(),
    })
    .describe('Objectives in ms; a reply that meets all of them counts as goodput')
    .exactOptional(),
  slo: z
    .array(z.string().refine((text) => sloIn(text) !== undefined, 'expected an SLO such as ttft:p99<500'))
    .min(1, 'expected at least one SLO')
    .describe('Limits of percentiles, such as ttft:p99<500, in ms')
    .exactOptional(),
  search: searchSchema().exactOptional(),
  duration: atLeastOne().describe('Seconds to send for, instead of a number of requests').exactOptional(),
  'warm-up': z
    .number()
    .min(0)
    .describe('With duration: leaves requests of the first seconds out of the figures')
    .exactOptional(),
  'cool-down': z
    .number()
    .min(0)
    .describe('With duration: leaves requests of the last seconds out of the figures')
    .exactOptional(),
  'until-precision': z
    .string()
    .refine((text) => precisionIn(text) !== undefined, `expected ${precisionForm}`)
    .describe('Stops when the 95 % confidence interval of the mean is this narrow, such as 2% or ttft:5%')
    .exactOptional(),
  'stop-when-saturated': z
    .literal(true)
    .describe('At a request rate: stops when the server falls behind by 10 % of the requests or more')
    .exactOptional(),
  'max-errors': z
    .union([z.int().min(0), z.string()])
    .refine((bound) => errorBoundIn(String(bound)) !== undefined, `expected ${errorBoundForm}`)
    .describe('Stops when more than this number or percentage of requests have failed')
    .exactOptional(),
  'num-prompts': count('Requests of a point (default: 10 for each unit of concurrency)').exactOptional(),
  seed: z.int().min(0, 'expected a number, 0 or more').exactOptional(),
}));

/** The definition of a workload, without its name: the common fields, and those of its kind. */
export interface Traffic {
  readonly arrivals?: WorkloadArrivals;
  readonly goodput?: { readonly ttft?: number; readonly tpot?: number; readonly e2el?: number };
  readonly slo?: readonly string[];
  readonly search?: AskedSearch;
  readonly duration?: number;
  readonly 'warm-up'?: number;
  readonly 'cool-down'?: number;
  readonly 'until-precision'?: string;
  readonly 'stop-when-saturated'?: true;
  readonly 'max-errors'?: number | string;
  readonly 'num-prompts'?: number;
  readonly seed?: number;
  readonly [field: string]: unknown;
}

/** The longest prompt and reply of a workload, in tokens. */
export interface LongestRequest {
  readonly isl: number;
  readonly osl: number;
}

/** A data set by its name in `bench serve`, and its options. */
export interface ChosenDataset {
  readonly name: string;
  readonly options: DatasetOptions;
}

/** What a config can ask for besides requests of fixed lengths and traces of agents. */
export interface WorkloadKind<Name extends string = string> {
  /** Its key under `scenarios`. */
  readonly name: Name;
  /** One sentence for help and docs. */
  readonly about: string;
  /** The schema of a definition. */
  readonly schema: () => z.ZodType<Traffic>;
  /** The fields of a definition, for the schema of a config's block. */
  readonly fields: () => z.core.$ZodShape;
  /** The version of what draws the requests: equal definitions of equal versions send equal requests. */
  readonly generator: number;
  /** Whether the data set has times, which the requests follow unless `arrivals` differs. */
  readonly hasTimes: boolean;
  lengths(traffic: Traffic): LongestRequest;
  dataset(traffic: Traffic): ChosenDataset;
}

interface KindDefinition<Name extends string, Fields extends z.core.$ZodShape> {
  readonly name: Name;
  readonly about: string;
  readonly generator: number;
  readonly hasTimes?: true;
  /** Its own fields, made on first use, because most commands read no workload. */
  readonly fields: () => Fields;
  lengths(own: z.output<z.ZodObject<Fields>>): LongestRequest;
  dataset(own: z.output<z.ZodObject<Fields>>): ChosenDataset;
}

/** Adds the rules between the fields of a definition. The cast is safe: every definition has the common fields. */
export function withChecks<Schema extends z.ZodObject>(schema: Schema): Schema {
  return schema.superRefine((traffic, context) => checkSearch(traffic as Traffic, context));
}

/** A kind from its own fields; the common ones are added. The cast is safe: every definition has the common fields. */
export function workloadKind<const Name extends string, Fields extends z.core.$ZodShape>({
  hasTimes,
  ...kind
}: KindDefinition<Name, Fields>): WorkloadKind<Name> {
  const own = onFirstUse(() => z.object(kind.fields()));
  const fields = onFirstUse((): z.core.$ZodShape => ({ ...kind.fields(), ...commonFields() }));
  return {
    ...kind,
    hasTimes: hasTimes === true,
    schema: onFirstUse(() => withChecks(z.strictObject(fields())) as unknown as z.ZodType<Traffic>),
    fields,
    lengths: (traffic) => kind.lengths(own().parse(traffic)),
    dataset: (traffic) => kind.dataset(own().parse(traffic)),
  };
}
