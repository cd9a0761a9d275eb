import { z } from 'zod';
import { listOf } from '../bounded-list.ts';

/** One job of a CI run, as GitHub's API lists it. */
export interface CiJob {
  readonly name: string;
  /** null while it runs. */
  readonly conclusion: string | null;
}

/** Successful and total jobs of a run on one hardware type, without skipped ones. */
export interface SuccessRate {
  readonly n_success: number;
  readonly total: number;
}

const job = z.object({ name: z.string(), conclusion: z.string().nullable() }) satisfies z.ZodType<CiJob>;
const page = z.object({ jobs: listOf(job) }).transform(({ jobs }) => jobs);

/** Jobs as returned by GitHub's API: one page, a list of pages, or a plain list of jobs. */
export const jobsSchema = z.union([page, listOf(page).transform((pages) => pages.flat()), listOf(job)]);

/**
 * The success rate of every hardware type that jobs of a run are named after (contract §6). A job counts for each
 * hardware type that is a whole word of its name: `b200` does not match `gb200`. Skipped jobs are left out; those
 * still running count.
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

/**
 * The success rate of every fleet of runners (contract F13), fleets without jobs included. A job counts for one fleet, the
 * first in order of the names that is a whole word of its name; a fleet's name may have dashes. Skipped jobs are left out.
 */
export function fleetRates(
  jobs: readonly CiJob[],
  fleets: readonly string[],
): Readonly<Record<string, SuccessRate>> {
  const inOrder = fleets.toSorted();
  const ran = jobs.filter(({ conclusion }) => conclusion !== 'skipped');
  const byFleet = Map.groupBy(ran, ({ name }) => inOrder.find((fleet) => hasWord(name.toLowerCase(), fleet)));
  const rates = inOrder.map((fleet) => {
    const own = byFleet.get(fleet) ?? [];
    const won = own.filter(({ conclusion }) => conclusion === 'success');
    return [fleet, { n_success: won.length, total: own.length }] as const;
  });
  return Object.fromEntries(rates);
}

/** Whether a text has a word, delimited by characters other than letters and digits. */
function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const around = `${text[at - 1] ?? ''}${text[at + word.length] ?? ''}`;
    if (!/[a-z0-9]/.test(around)) return true;
  }
  return false;
}

/** The fleets of a runners file of August, without `cluster:`: its labels of that kind, else the hardware it describes. */
export function fleetsOf(pools: PoolsOfFleets): string[] {
  const clusters = [...pools.keys()].filter(isFleet);
  return (clusters.length > 0 ? clusters : [...(pools.hardware?.keys() ?? [])]).map(withoutPrefix);
}

/** The hardware of pools without a fleet. */
export function hardwareBesideFleets(pools: PoolsOfFleets): string[] {
  const inFleets = new Set([...pools].flatMap(([label, nodes]) => (isFleet(label) ? nodes : [])));
  const beside = [...pools].filter(
    ([label, nodes]) => !isFleet(label) && !nodes.some((node) => inFleets.has(node)),
  );
  const ofFleets = new Set(hardwareOfPools(fleetsOf(pools)));
  return hardwareOfPools(beside.map(([label]) => label)).filter((hardware) => !ofFleets.has(hardware));
}

/** The nodes of each label, and the description of each. */
interface PoolsOfFleets extends ReadonlyMap<string, readonly string[]> {
  readonly hardware?: ReadonlyMap<string, unknown>;
}

function isFleet(label: string): boolean {
  return label.startsWith(clusterPrefix);
}

function withoutPrefix(label: string): string {
  return isFleet(label) ? label.slice(clusterPrefix.length) : label;
}

const clusterPrefix = 'cluster:';

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
