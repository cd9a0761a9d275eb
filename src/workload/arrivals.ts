import { z } from 'zod';
import type { LoadTest } from '../load/index.ts';
import { onFirstUse } from '../on-first-use.ts';

/** What the load generator needs to send by a pattern; nothing for a closed loop. */
export type Sending = Partial<Pick<LoadTest, 'arrivals' | 'requestRate' | 'burstiness' | 'concurrencyRampS'>>;

/** When the requests of a workload are sent. To add a pattern, add an object to the list below. */
interface Pattern {
  readonly schema: z.ZodObject<{ pattern: z.ZodLiteral<string> }>;
  /** Whether the data set must have times. */
  readonly needsTimes: boolean;
  /** How a point at this concurrency sends. */
  sending(arrivals: object, conc: number): Sending;
}

const rate = () => z.number().positive('expected a number above 0').describe('Requests per second');
const seconds = () => z.number().positive('expected a number above 0').describe('Seconds');

/** A fixed rate, or one that grows with the concurrency of the point. */
const rates = () => ({
  rate: rate().exactOptional(),
  'rate-per-conc': rate()
    .describe('Requests per second for each unit of concurrency, so that the rate grows along a curve')
    .exactOptional(),
});

interface Rates {
  readonly rate?: number;
  readonly 'rate-per-conc'?: number;
}

function checkRates({ rate: fixed, 'rate-per-conc': perConc }: Rates, context: z.core.$RefinementCtx): void {
  if ((fixed === undefined) !== (perConc === undefined)) return;
  const found = fixed === undefined ? 'neither' : 'both';
  context.addIssue({ code: 'custom', message: `expected either rate or rate-per-conc, found ${found}` });
}

function steady(
  { rate: fixed, 'rate-per-conc': perConc = 0 }: Rates,
  conc: number,
  burstiness: number,
): Sending {
  return { requestRate: fixed ?? conc * perConc, burstiness };
}

function pattern<Schema extends z.ZodObject<{ pattern: z.ZodLiteral<string> }>>(
  schema: Schema,
  sending: (arrivals: z.output<Schema>, conc: number) => Sending,
  needsTimes = false,
): Pattern {
  return { schema, needsTimes, sending: (arrivals, conc) => sending(schema.parse(arrivals), conc) };
}

const named = <Name extends string>(name: Name, about: string) => z.literal(name).describe(about);

/** Made on first use, because most commands read no workload. */
const patterns = onFirstUse(
  () =>
    [
      pattern(
        z.strictObject({
          pattern: named('closed-loop', 'Each stream sends its next request as soon as it is free'),
        }),
        () => ({}),
      ),
      pattern(
        z
          .strictObject({ pattern: named('constant', 'Evenly spaced requests'), ...rates() })
          .superRefine(checkRates),
        (said, conc) => steady(said, conc, Number.POSITIVE_INFINITY),
      ),
      pattern(
        z
          .strictObject({ pattern: named('poisson', 'Many independent users'), ...rates() })
          .superRefine(checkRates),
        (said, conc) => steady(said, conc, 1),
      ),
      pattern(
        z
          .strictObject({
            pattern: named('gamma', 'Bursts: gaps of a gamma distribution'),
            ...rates(),
            burstiness: z
              .number()
              .positive('expected a number above 0')
              .describe('Shape of the gaps: 1 is Poisson, below 1 is burstier'),
          })
          .superRefine(checkRates),
        (said, conc) => steady(said, conc, said.burstiness),
      ),
      pattern(
        z.strictObject({
          pattern: named('stages', 'Successive rates, with Poisson gaps'),
          stages: z
            .array(
              z.strictObject({
                rate: rate(),
                'from-rate': rate().describe('Rate at the start, if it changes linearly').exactOptional(),
                seconds: seconds(),
              }),
            )
            .min(1, 'expected at least one stage'),
        }),
        ({ stages }) => ({
          arrivals: {
            kind: 'rate',
            burstiness: 1,
            stages: stages.map(({ rate: to, 'from-rate': fromRate = to, seconds: durationS }) => ({
              rate: to,
              fromRate,
              durationS,
            })),
          },
        }),
      ),
      pattern(
        z.strictObject({
          pattern: named('ramp', 'A rate that changes from one value to another, with Poisson gaps'),
          'from-rate': rate(),
          'to-rate': rate(),
          seconds: seconds(),
          shape: z.enum(['linear', 'exponential']).exactOptional(),
        }),
        ({ 'from-rate': fromRate, 'to-rate': to, seconds: durationS, shape = 'linear' }) => ({
          arrivals: { kind: 'rate', burstiness: 1, stages: [{ fromRate, rate: to, durationS, shape }] },
        }),
      ),
      pattern(
        z.strictObject({
          pattern: named('concurrency-ramp', 'A closed loop whose streams start one after another'),
          seconds: seconds(),
        }),
        ({ seconds: concurrencyRampS }) => ({ concurrencyRampS }),
      ),
      pattern(z.strictObject({ pattern: named('recorded', 'The times of the data set') }), () => ({}), true),
    ] as const,
);

/** The `arrivals` of a workload. */
export const arrivalsSchema = onFirstUse(() => {
  const [first, ...others] = patterns();
  return z.discriminatedUnion('pattern', [first.schema, ...others.map(({ schema }) => schema)]);
});

export interface WorkloadArrivals {
  readonly pattern: string;
}

function patternOf({ pattern: name }: WorkloadArrivals): Pattern {
  const found = patterns().find(({ schema }) => schema.shape.pattern.value === name);
  if (found === undefined) throw new Error(`there is no arrival pattern ${name}`);
  return found;
}

export function sendingBy(arrivals: WorkloadArrivals, conc: number): Sending {
  return patternOf(arrivals).sending(arrivals, conc);
}

/** Whether the pattern takes the times from the data set. */
export function areRecorded(arrivals: WorkloadArrivals): boolean {
  return patternOf(arrivals).needsTimes;
}
