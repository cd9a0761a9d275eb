import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import type { Names } from '../../data/names.ts';
import { day } from '../../parts/format.ts';
import { ByDay } from './by-day.tsx';
import { RatesFigure } from './rates-figure.tsx';

type Jobs = ReliabilityDocument['jobs'];

/** CI jobs, which are only counted by hardware and day. */
export function JobRates({ jobs, names }: { readonly jobs: Jobs; readonly names: Names }) {
  const { byHardware, byDay } = jobs;
  if (byHardware.length === 0) return null;
  const days = byHardware.flatMap(({ firstDay, lastDay }) => [firstDay, lastDay]).toSorted();
  const sources = [...new Set(byHardware.map(({ source }) => `${source} project`))].join(' and the ');
  return (
    <>
      <section class="card">
        <h2>Benchmark jobs</h2>
        <p class="quiet">
          Jobs of the {sources} from {day(days[0] ?? '')} to {day(days.at(-1) ?? '')}. A job measures several
          points on one kind of hardware. The engine and model of a job and the cause of a failure are
          unknown, so jobs are counted separately from attempts.
        </p>
      </section>
      <RatesFigure
        title="Jobs that succeeded, by hardware"
        of="Benchmark jobs that succeeded"
        name="jobs_hw"
        rates={byHardware.map(({ hw, ended, succeeded }) => ({
          name: names.hardware(hw),
          hw,
          ended,
          succeeded,
        }))}
      />
      <ByDay what="jobs" title="Jobs by day" byDay={byDay} />
    </>
  );
}
