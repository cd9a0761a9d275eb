import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { failureTable, isFailureClass } from '../../failures/index.ts';
import type { StoredJobCount } from '../../store/index.ts';
import { type Knowledge, shows } from '../knowledge.ts';
import { publicText, publicWord } from '../privacy.ts';
import { hidden } from '../secrets.ts';
import { documentKind, theOne } from './document.ts';
import { logTail } from './log-tail.ts';

/** Enough lines for the error and its cause, but limited, because all logs are in one document. */
const [mostLogs, logBytes] = [50, 4 * 1024];

/** Number of attempts that ended by themselves, and of those that succeeded. */
const rate = z.object({ ended: z.int().nonnegative(), succeeded: z.int().nonnegative() });

const group = z.object({
  hw: z.string(),
  framework: z.string(),
  /** Attempts at points. */
  attempts: rate,
  /** Engine starts. */
  starts: rate,
});

const jobs = rate.extend({ source: z.string() });
const jobsOnHardware = jobs.extend({ hw: z.string(), firstDay: z.iso.date(), lastDay: z.iso.date() });

/** The rates of one period, the same for everything in it, so that they can be compared. */
const period = z.object({
  /** Its length, up to the newest day with attempts or jobs; null for all days. */
  days: z.int().positive().nullable(),
  from: z.iso.date(),
  to: z.iso.date(),
  /** Of runs that started in it. */
  groups: z.array(group),
  jobs: z.array(jobsOnHardware),
});

/** Lengths of the periods in days, besides all days. */
const periodLengths = [30, 90];

/** `reliability`: how often attempts led to a measurement. Interrupted ones do not count. */
export const reliabilityDocument = z.object({
  groups: z.array(group),
  /** Most frequent first. */
  failures: z.array(
    z.object({
      hw: z.string(),
      framework: z.string(),
      /** Whether an attempt at a point or an engine start failed. */
      of: z.enum(['attempt', 'start']),
      failureClass: z.string(),
      /** The meaning of the class in words; absent if this version does not know it. */
      means: z.string().optional(),
      count: z.int().positive(),
      lastAt: z.iso.datetime(),
      /** The last error message; null if there was none. */
      lastMessage: z.string().nullable(),
      /** The end of the engine's log for the most frequent failures; null if the log is not on the server. */
      lastLog: z.string().nullable(),
    }),
  ),
  /** Attempts at points by UTC day, oldest first, for the last 365 days with attempts. */
  byDay: z.array(rate.extend({ day: z.iso.date() })),
  /** CI jobs, of which only hardware, day and outcome are known. A job may measure any number of points. */
  jobs: z.object({
    byHardware: z.array(jobsOnHardware),
    /** Over all hardware, oldest first, for the last 365 days with jobs. */
    byDay: z.array(rate.extend({ day: z.iso.date() })),
  }),
  /** Shortest first; those that would contain all days are left out, except for the one of all days. */
  periods: z.array(period),
});

export const reliabilityKind = documentKind({
  path: 'reliability',
  summary: 'How often attempts led to a measurement, by hardware, engine, failure class and day.',
  schema: reliabilityDocument,
  all: theOne,
  build: async (knowledge) => await reliabilityOf(knowledge, {}),
});

/** Builds the reliability document, optionally for one hardware type or engine. */
export async function reliabilityOf(
  knowledge: Knowledge,
  filter: { readonly hw?: string | undefined; readonly framework?: string | undefined },
): Promise<z.infer<typeof reliabilityDocument>> {
  const { store } = knowledge;
  const [groups, failures, allDays, allCounts] = await Promise.all([
    groupsOf(knowledge, filter),
    store.failures(filter),
    store.attemptsByDay(filter),
    // The engine of a job is unknown.
    filter.framework === undefined ? store.jobCounts({ hw: filter.hw }) : [],
  ]);
  const days = allDays.filter(({ hw }) => shows(knowledge, hw));
  const counts = allCounts.filter(({ hw }) => shows(knowledge, hw));
  const periods = periodsOver([...days, ...counts].map(({ day }) => day));
  return {
    groups,
    failures: await Promise.all(
      failures
        .filter(({ hw }) => shows(knowledge, hw))
        .map(async ({ lastMessage, lastLog, ...failure }, index) => ({
          ...failure,
          failureClass: publicWord(failure.failureClass) ?? hidden,
          ...defined({ means: meaningOf(failure.failureClass) }),
          lastMessage: lastMessage === null ? null : publicText(lastMessage),
          lastLog: index < mostLogs ? await logTail(lastLog, logBytes) : null,
        })),
    ),
    byDay: lastDays(days),
    jobs: { byHardware: jobsByHardware(counts), byDay: lastDays(counts) },
    periods: await Promise.all(
      periods.map(async (one) => ({
        ...one,
        groups:
          one.days === null
            ? groups
            : await groupsOf(knowledge, { ...filter, since: `${one.from}T00:00:00.000Z` }),
        jobs: jobsByHardware(counts.filter(({ day }) => day >= one.from)),
      })),
    ),
  };
}

type Filter = NonNullable<Parameters<Knowledge['store']['reliability']>[0]>;

async function groupsOf(knowledge: Knowledge, filter: Filter): Promise<z.infer<typeof group>[]> {
  const groups = await knowledge.store.reliability(filter);
  return groups
    .filter(({ hw }) => shows(knowledge, hw))
    .map(({ hw, framework, attempts, finished, starts, failedStarts }) => ({
      hw,
      framework,
      attempts: { ended: attempts, succeeded: finished },
      starts: { ended: starts, succeeded: starts - sum(Object.values(failedStarts)) },
    }));
}

/** The periods up to the newest of some days. */
function periodsOver(days: readonly string[]): Pick<z.infer<typeof period>, 'days' | 'from' | 'to'>[] {
  const sorted = days.toSorted();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const recent = periodLengths
    .map((length) => ({ days: length, from: daysBefore(last, length - 1), to: last }))
    .filter(({ from }) => from > first);
  return [...recent, { days: null, from: first, to: last }];
}

function daysBefore(day: string, count: number): string {
  return new Date(Date.parse(day) - count * 86_400_000).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

function meaningOf(failureClass: string): string | undefined {
  return isFailureClass(failureClass) ? failureTable[failureClass].means : undefined;
}

function jobsByHardware(counts: readonly StoredJobCount[]): z.infer<typeof jobsOnHardware>[] {
  const groups = Map.groupBy(counts, ({ source, hw }) => `${source} ${hw}`);
  return [...groups.values()].flatMap((days) => {
    const [first] = days;
    if (first === undefined) return [];
    const { source, hw, day: firstDay } = first;
    const lastDay = days.at(-1)?.day ?? firstDay;
    return [{ source, hw, firstDay, lastDay, ...totalOf(days) }];
  });
}

type Rate = z.infer<typeof rate>;

/** The rates of the last days. */
function lastDays(rates: readonly (Rate & { readonly day: string })[]): (Rate & { day: string })[] {
  return [...Map.groupBy(rates, ({ day }) => day)]
    .slice(-365)
    .map(([day, several]) => ({ day, ...totalOf(several) }));
}

function totalOf(rates: readonly Rate[]): Rate {
  return {
    ended: sum(rates.map(({ ended }) => ended)),
    succeeded: sum(rates.map(({ succeeded }) => succeeded)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
