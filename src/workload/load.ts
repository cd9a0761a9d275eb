import { defined } from '../defined/defined.ts';
import { sha256OfFile } from '../file-digest.ts';
import {
  type AskedTest,
  arrivalsOf,
  type DatasetSpec,
  errorBoundIn,
  LoadError,
  type LoadSearch,
  type LoadTest,
  loadSearching,
  loadTestDefaults,
  makeDataset,
  precisionIn,
  problemsOfEnding,
  requestsNeeded,
  stopRulesOf,
} from '../load/index.ts';
import { areRecorded, type Sending, sendingBy } from './arrivals.ts';
import type { Traffic, WorkloadKind } from './kind.ts';
import { sendingLength } from './length.ts';
import { searchOf, sloIn } from './search.ts';

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
> &
  Partial<Pick<LoadTest, 'requestRate' | 'burstiness' | 'useChatTemplate'>>;

/** The point that is measured. */
export interface MeasuredPoint {
  readonly conc: number;
  readonly seed: number;
  /** Sends this many requests, if the data set has them, whatever the definition says. */
  readonly requests?: number;
  /** The fewest of these that are enough (default: 1). */
  readonly least?: number;
}

/** Reads or draws the data set of a workload for a point. Throws LoadError `bad-test`, with file and line if known. */
export async function workloadTest(
  kind: WorkloadKind,
  traffic: Traffic,
  point: MeasuredPoint,
): Promise<WorkloadTest> {
  const { conc, seed, requests } = point;
  await refuseOtherFile(traffic);
  const { name, options } = kind.dataset(traffic);
  const { arrivals: said = { pattern: kind.hasTimes ? 'recorded' : 'closed-loop' } } = traffic;
  const followed = areRecorded(said) ? undefined : sendingBy(said, conc);
  const { wanted, least } = requestsAsked(kind, traffic, followed, point);
  const {
    dataset,
    numPrompts,
    notes,
    arrivals: recorded,
  } = await makeDataset(name, {
    ...options,
    seed,
    ...defined({ numPrompts: wanted }),
  });
  if (numPrompts < least) throw tooSmall(options.datasetPath, numPrompts, least);
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
      useChatTemplate: hasMessages(dataset) ? true : undefined,
      goodput: traffic.goodput,
      slos: slosOf(traffic),
    }),
    ...defined(requests === undefined ? endOf(traffic) : noEnd),
  };
  const problems = problemsOfEnding({ ...loadTestDefaults, ...test });
  if (problems.length > 0) throw new LoadError('bad-test', problems.join('; '));
  return test;
}

/**
 * One test of a search, of a workload that asks for it: at a concurrency, or at a rate with the concurrency as the highest
 * number of requests in flight. Each test has other prompts, so that no prefix cache contains them. Throws LoadError
 * `bad-test`.
 */
export async function searchedTest(
  kind: WorkloadKind,
  traffic: Traffic,
  { conc, seed }: MeasuredPoint,
  { search, asked }: { readonly search: LoadSearch; readonly asked: AskedTest },
): Promise<WorkloadTest & Pick<LoadTest, 'seed'>> {
  const { level, requests, number } = asked;
  const isRate = search.kind === 'rate';
  const arrivals = isRate ? { pattern: 'poisson', rate: level } : { pattern: 'closed-loop' };
  const own = {
    conc: isRate ? conc : level,
    seed: seed + number,
    requests,
    least: number === 0 ? requests : 1,
  };
  return { ...(await workloadTest(kind, { ...traffic, arrivals }, own)), seed: own.seed };
}

/** The test of a point, or the first one of its search: whatever is wrong with a definition shows in it. */
export async function firstWorkloadTest(
  kind: WorkloadKind,
  traffic: Traffic,
  point: MeasuredPoint,
): Promise<WorkloadTest> {
  const search = searchOf(traffic, point.conc);
  if (search === undefined) return await workloadTest(kind, traffic, point);
  const { min, max } = search;
  if (min > max)
    throw new LoadError('bad-test', `the search starts at ${min}, above the highest load of ${max}`, {
      hint: 'lower min under search, or raise the concurrency',
    });
  const { firstTest, searchPlan } = await loadSearching();
  return await searchedTest(kind, traffic, point, { search, asked: firstTest(searchPlan(search)) });
}

/** The requests to prepare, undefined for all of a trace, and the fewest that are enough. */
function requestsAsked(
  kind: WorkloadKind,
  traffic: Traffic,
  sending: Sending | undefined,
  { conc, seed, requests, least = 1 }: MeasuredPoint,
): { readonly wanted: number | undefined; readonly least: number } {
  if (requests !== undefined) return { wanted: requests, least };
  const { requests: said, seconds } = sendingLength(kind, traffic, conc);
  if (said !== undefined) return { wanted: said, least: said };
  if (kind.hasTimes || seconds === undefined) return { wanted: undefined, least: 1 };
  const arrivals = arrivalsOf({ ...loadTestDefaults, ...sending });
  const wanted = requestsNeeded(seconds, { arrivals, streams: conc, seed });
  // A closed loop sends as many as the server can answer, so whether a file has them is unknown.
  return { wanted, least: arrivals === undefined ? conc : wanted };
}

/** When the test ends, and which part of it is measured. */
const endOf = (traffic: Traffic) => ({
  durationS: traffic.duration,
  warmupS: traffic['warm-up'],
  cooldownS: traffic['cool-down'],
  stopWhen: rulesOf(traffic),
});
/** It ends with its requests. */
const noEnd: Partial<ReturnType<typeof endOf>> = {};

/** The limits of percentiles that a workload states; undefined if there are none. */
function slosOf({ slo }: Traffic): LoadTest['slos'] {
  return slo?.flatMap((text) => sloIn(text) ?? []);
}

/** Chat messages need the server's chat endpoint. */
function hasMessages(dataset: DatasetSpec): boolean {
  return dataset.kind === 'texts' && dataset.prompts.some((prompt) => 'messages' in prompt);
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
