import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import type { Names } from '../../data/names.ts';
import { day } from '../../parts/format.ts';
import { OverTime } from './over-time.tsx';
import { type Period, periodWords } from './periods.ts';
import { RatesFigure } from './rates-figure.tsx';

interface JobRatesProps {
  readonly jobs: ReliabilityDocument['jobs'];
  readonly period: Period;
  readonly names: Names;
}

/** CI jobs, which are only counted by hardware and day. */
export function JobRates({ jobs, period, names }: JobRatesProps) {
  const { byHardware, byDay } = jobs;
  if (byHardware.length === 0) return null;
  const sources = [...new Set(byHardware.map(({ source }) => `${source} project`))].join(' and the ');
  const counted = new Set(period.jobs.map(({ hw }) => hw));
  const without = byHardware.filter(({ hw }) => !counted.has(hw));
  return (
    <>
      <section class="card">
        <h2>Benchmark jobs</h2>
        <p class="quiet">
          Jobs of the {sources}. A job measures several points on one kind of hardware. The engine and model
          of a job and the cause of a failure are unknown, so jobs are counted separately from attempts.
        </p>
      </section>
      <RatesFigure
        title="Jobs that succeeded, by hardware"
        of={`Benchmark jobs ${periodWords(period)} that succeeded${period.days === null ? ', although hardware was added and removed in that time: the table has the days of each' : ''}`}
        name="jobs_hw"
        rates={period.jobs.map(({ hw, ended, succeeded, firstDay, lastDay }) => ({
          name: names.hardware(hw),
          hw,
          ended,
          succeeded,
          days: [firstDay, lastDay],
        }))}
      />
      {without.length > 0 && (
        <p class="absent">
          Without jobs in this period:{' '}
          {without.map(({ hw, lastDay }, at) => (
            <span key={hw} data-without-jobs={hw}>
              {at > 0 && '; '}
              <b>{names.hardware(hw)}</b>, whose last one was on {day(lastDay)}
            </span>
          ))}
          .
        </p>
      )}
      <OverTime what="jobs" byDay={byDay} />
    </>
  );
}
