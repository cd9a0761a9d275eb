import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import type { Names } from '../../data/names.ts';
import { ByDay } from './by-day.tsx';
import { RatesFigure } from './rates-figure.tsx';

type Jobs = ReliabilityDocument['jobs'];

/** Jobs of a CI, which are counted by hardware and day only. */
export function JobRates({ jobs, names }: { readonly jobs: Jobs; readonly names: Names }) {
  const { byHardware, byDay } = jobs;
  if (byHardware.length === 0) return null;
  const first = byHardware.map(({ firstDay }) => firstDay).toSorted()[0];
  const last = byHardware
    .map(({ lastDay }) => lastDay)
    .toSorted()
    .at(-1);
  return (
    <>
      <section class="card">
        <h2>Benchmark jobs</h2>
        <p class="quiet">
          Jobs of the {sourcesOf(byHardware)} from {first} to {last}. A job measures several points on one
          hardware; which engine and model it ran is not known, nor why it failed, so it is not among the
          attempts.
        </p>
      </section>
      <div class="grid">
        <RatesFigure
          title="Jobs that succeeded, by hardware"
          of="Benchmark jobs that ended with success"
          name="jobs_hw"
          rates={byHardware.map(({ hw, ended, succeeded }) => ({
            hw,
            ended,
            succeeded,
            name: names.hardware(hw),
          }))}
        />
        <ByDay what="jobs" title="Jobs by day" byDay={byDay} />
      </div>
    </>
  );
}

/** Who ran the jobs, with what is to be said of their results. */
function sourcesOf(byHardware: Jobs['byHardware']): string {
  const named = byHardware.map(({ source, mark }) => `${source} project${mark === null ? '' : ` (${mark})`}`);
  return [...new Set(named)].join(' and ');
}
