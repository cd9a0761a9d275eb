import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { failureTable, isFailureClass } from '../../failures/index.ts';
import type { StoredJobCount } from '../../store/index.ts';
import { type Knowledge, shows } from '../knowledge.ts';
import { publicText, publicWord } from '../privacy.ts';
import { hidden } from '../secrets.ts';
import { documentKind, theOne } from './document.ts';
import { logTail } from './log-tail.ts';

/** Enough for the error and what led to it; all of them are one document. */
const [mostLogs, logBytes] = [50, 4 * 1024];

/** Things that ended by themselves, and those of them that did what they were to do. */
const rate = z.object({ ended: z.int().nonnegative(), succeeded: z.int().nonnegative() });

const group = z.object({
  hw: z.string(),
  framework: z.string(),
  /** Tries at points. */
  attempts: rate,
  /** Starts of engines. */
  starts: rate,
});

const jobs = rate.extend({ source: z.string() });

/** `reliability`: how often what was started gave a measurement. What was interrupted counts nowhere. */
export const reliabilityDocument = z.object({
  groups: z.array(group),
  /** The most frequent first. */
  failures: z.array(
    z.object({
      hw: z.string(),
      framework: z.string(),
      /** Of a try at a point, or of the start of an engine. */
      of: z.enum(['attempt', 'start']),
      failureClass: z.string(),
      /** What the class is, in words; absent for one that this version does not know. */
      means: z.string().optional(),
      count: z.int().positive(),
      lastAt: z.iso.datetime(),
      /** What the last one said; null where it said nothing. */
      lastMessage: z.string().nullable(),
      /** The end of its engine's log, of the most frequent failures; null where that is not on the server. */
      lastLog: z.string().nullable(),
    }),
  ),
  /** Tries at points by UTC day, oldest first, of the last 365 days with any. */
  byDay: z.array(rate.extend({ day: z.iso.date() })),
  /** Jobs of a CI, of which only hardware, day and end are known: a job measures several points, or none. */
  jobs: z.object({
    byHardware: z.array(jobs.extend({ hw: z.string(), firstDay: z.iso.date(), lastDay: z.iso.date() })),
    /** Of all hardware, oldest first, of the last 365 days with any. */
    byDay: z.array(rate.extend({ day: z.iso.date() })),
  }),
});

export const reliabilityKind = documentKind({
  path: 'reliability',
  summary: 'How often attempts led to a measurement, by hardware, engine, failure class and day.',
  schema: reliabilityDocument,
  all: theOne,
  build: async (knowledge) => await reliabilityOf(knowledge, {}),
});

export async function reliabilityOf(
  knowledge: Knowledge,
  filter: { readonly hw?: string | undefined; readonly framework?: string | undefined },
): Promise<z.infer<typeof reliabilityDocument>> {
  const { store } = knowledge;
  const [groups, failures, days, counts] = await Promise.all([
    store.reliability(filter),
    store.failures(filter),
    store.attemptsByDay(filter),
    // Which engine a job ran is not known.
    filter.framework === undefined ? store.jobCounts({ hw: filter.hw }) : [],
  ]);
  return {
    groups: groups
      .filter(({ hw }) => shows(knowledge, hw))
      .map(({ hw, framework, attempts, finished, starts, failedStarts }) => ({
        hw,
        framework,
        attempts: { ended: attempts, succeeded: finished },
        starts: { ended: starts, succeeded: starts - sum(Object.values(failedStarts)) },
      })),
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
    byDay: lastDays(days.filter(({ hw }) => shows(knowledge, hw))),
    jobs: jobsOf(counts.filter(({ hw }) => shows(knowledge, hw))),
  };
}

function meaningOf(failureClass: string): string | undefined {
  return isFailureClass(failureClass) ? failureTable[failureClass].means : undefined;
}

function jobsOf(counts: readonly StoredJobCount[]): z.infer<typeof reliabilityDocument>['jobs'] {
  const groups = Map.groupBy(counts, ({ source, hw }) => `${source} ${hw}`);
  return {
    byHardware: [...groups.values()].flatMap((days) => {
      const [first] = days;
      if (first === undefined) return [];
      const { source, hw, day: firstDay } = first;
      const lastDay = days.at(-1)?.day ?? firstDay;
      return [{ source, hw, firstDay, lastDay, ...totalOf(days) }];
    }),
    byDay: lastDays(counts),
  };
}

type Rate = z.infer<typeof rate>;

/** The rates of each of the last days. */
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
