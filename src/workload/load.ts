import { defined } from '../defined/defined.ts';
import { sha256OfFile } from '../file-digest.ts';
import {
  errorBoundIn,
  LoadError,
  type LoadTest,
  loadTestDefaults,
  makeDataset,
  precisionIn,
  problemsOfEnding,
  requestsNeeded,
  stopRulesOf,
} from '../load/index.ts';
import { areRecorded, type Sending, sendingBy } from './arrivals.ts';
import { sloIn, type Traffic, type WorkloadKind } from './kind.ts';

/** What a workload decides of the load test of a point. */
export type WorkloadTest = Pick<
  LoadTest,
  | 'dataset'
  | 'numPrompts'
  | 'maxConcurrency'
  | 'notes'
  | 'arrivals'
  | 'concurrencyRampS'
  | 'durationS'
  | 'warmupS'
  | 'cooldownS'
  | 'stopWhen'
  | 'goodput'
  | 'slos'
  | 'ignoreEos'
>;

/** The point that is measured. */
export interface MeasuredPoint {
  readonly conc: number;
  readonly seed: number;
}

/** Requests for each unit of concurrency, as in the public benchmark. */
const promptsPerConc = 10;

/** Reads or draws the data set of a workload for a point. Throws LoadError `bad-test`, with file and line if known. */
export async function workloadTest(
  kind: WorkloadKind,
  traffic: Traffic,
  { conc, seed }: MeasuredPoint,
): Promise<WorkloadTest> {
  await refuseOtherFile(traffic);
  const { name, options } = kind.dataset(traffic);
  const { arrivals: said = { pattern: kind.hasTimes ? 'recorded' : 'closed-loop' } } = traffic;
  const followed = areRecorded(said) ? undefined : sendingBy(said, conc);
  const asked =
    traffic['num-prompts'] ?? (kind.hasTimes ? undefined : requestsOf(traffic, followed, { conc, seed }));
  const {
    dataset,
    numPrompts,
    notes,
    arrivals: recorded,
  } = await makeDataset(name, {
    ...options,
    seed,
    ...defined({ numPrompts: asked }),
  });
  if (asked !== undefined && numPrompts < asked) throw tooSmall(options.datasetPath, numPrompts, asked);
  const sending: Sending = followed ?? defined({ arrivals: recorded });
  if (areRecorded(said) && recorded === undefined) {
    throw new LoadError('bad-test', `${options.datasetPath ?? `a ${kind.name} workload`} has no times`, {
      hint: 'choose another pattern under arrivals, such as poisson',
    });
  }
  const test: WorkloadTest = {
    dataset,
    numPrompts,
    maxConcurrency: conc,
    notes,
    ignoreEos: true,
    ...sending,
    ...defined({
      goodput: traffic.goodput,
      slos: traffic.slo?.flatMap((text) => sloIn(text) ?? []),
      durationS: traffic.duration,
      warmupS: traffic['warm-up'],
      cooldownS: traffic['cool-down'],
      stopWhen: rulesOf(traffic),
    }),
  };
  const problems = problemsOfEnding({ ...loadTestDefaults, ...test });
  if (problems.length > 0) throw new LoadError('bad-test', problems.join('; '));
  return test;
}

/** As many requests as a test by time needs, or as in the public benchmark. */
function requestsOf(
  { duration }: Traffic,
  sending: Sending | undefined,
  { conc, seed }: MeasuredPoint,
): number {
  if (duration === undefined) return promptsPerConc * conc;
  return requestsNeeded(duration, { arrivals: sending?.arrivals, streams: conc, seed });
}

function rulesOf(traffic: Traffic): LoadTest['stopWhen'] {
  const { 'until-precision': precision, 'max-errors': errors } = traffic;
  return stopRulesOf({
    precision: precision === undefined ? undefined : precisionIn(precision),
    saturated: traffic['stop-when-saturated'],
    errors: errors === undefined ? undefined : errorBoundIn(String(errors)),
  });
}

function tooSmall(file: string | undefined, has: number, asked: number): LoadError {
  const requests = has === 1 ? '1 request' : `${has} requests`;
  return new LoadError(
    'bad-test',
    `${file ?? 'the data set'} has ${requests} that can be sent, and ${asked} are asked for`,
    { hint: 'lower num-prompts or the concurrency, or use a larger data set' },
  );
}

async function refuseOtherFile(traffic: Traffic): Promise<void> {
  const { 'dataset-path': file, 'dataset-sha256': expected } = traffic;
  if (typeof file !== 'string' || typeof expected !== 'string') return;
  const found = await sha256OfFile(file);
  if (found === expected) return;
  throw new LoadError(
    'bad-test',
    `${file} is not the file that the workload names: its SHA-256 is ${found}`,
    {
      hint: `expected ${expected}; restore the file, or remove dataset-sha256 to accept it`,
    },
  );
}
