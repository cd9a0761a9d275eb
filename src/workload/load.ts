import { defined } from '../defined/defined.ts';
import { LoadError, type LoadTest, makeDataset } from '../load/index.ts';
import { areRecorded, type Sending, sendingBy } from './arrivals.ts';
import { sha256OfFile } from './file-digest.ts';
import type { Traffic, WorkloadKind } from './kind.ts';

/** What a workload decides of the load test of a point. */
export type WorkloadTest = Pick<
  LoadTest,
  'dataset' | 'numPrompts' | 'maxConcurrency' | 'notes' | 'arrivals' | 'goodput' | 'ignoreEos'
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
  const asked = traffic['num-prompts'] ?? (kind.hasTimes ? undefined : promptsPerConc * conc);
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
  const { arrivals: said = { pattern: kind.hasTimes ? 'recorded' : 'closed-loop' } } = traffic;
  const sending: Sending = areRecorded(said) ? defined({ arrivals: recorded }) : sendingBy(said, conc);
  if (areRecorded(said) && recorded === undefined) {
    throw new LoadError('bad-test', `${options.datasetPath ?? `a ${kind.name} workload`} has no times`, {
      hint: 'choose another pattern under arrivals, such as poisson',
    });
  }
  return {
    dataset,
    numPrompts,
    maxConcurrency: conc,
    notes,
    ignoreEos: true,
    ...sending,
    ...defined({ goodput: traffic.goodput }),
  };
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
