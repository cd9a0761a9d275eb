import { z } from 'zod';
import { listOf } from '../bounded-list.ts';

/** One job of a CI run, as GitHub's API lists it. */
export interface CiJob {
  readonly name: string;
  /** null while it runs. */
  readonly conclusion: string | null;
}

/** How many jobs of a run on one hardware ended well, of those that were not skipped. */
export interface SuccessRate {
  readonly n_success: number;
  readonly total: number;
}

const job = z.object({ name: z.string(), conclusion: z.string().nullable() }) satisfies z.ZodType<CiJob>;
const page = z.object({ jobs: listOf(job) }).transform(({ jobs }) => jobs);

/** Jobs as GitHub's API answers them: one page, a list of pages, or a plain list of jobs. */
export const jobsSchema = z.union([page, listOf(page).transform((pages) => pages.flat()), listOf(job)]);

/**
 * The success rate of every hardware that jobs of a run are named after (contract §6). A job counts for each hardware
 * that is a whole word of its name: `b200` is no word of `gb200`. Skipped jobs are left out; those still running count.
 */
export function successRates(
  jobs: readonly CiJob[],
  hardware: readonly string[],
): Readonly<Record<string, SuccessRate>> {
  const ran = jobs.filter(({ conclusion }) => conclusion !== 'skipped');
  const rates = hardware.map((sku) => {
    const own = ran.filter(({ name }) => isWordOf(sku, name));
    const won = own.filter(({ conclusion }) => conclusion === 'success');
    return [sku, { n_success: won.length, total: own.length }] as const;
  });
  return Object.fromEntries(rates.filter(([, { total }]) => total > 0));
}

function isWordOf(word: string, text: string): boolean {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .includes(word.toLowerCase());
}

/** The hardware of runner pools: `b200-trt` is a pool of b200. */
export function hardwareOfPools(pools: Iterable<string>): string[] {
  return [...new Set([...pools].map((pool) => pool.split('-')[0] ?? pool))];
}
