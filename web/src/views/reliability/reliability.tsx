import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import { useNames } from '../../data/names.ts';
import { useDocument } from '../../data/use-loaded.ts';
import { percent, plural } from '../../parts/format.ts';
import { Notice, Ready } from '../../parts/states.tsx';
import { ByDay } from './by-day.tsx';
import { Failures } from './failures.tsx';
import { JobRates } from './jobs.tsx';
import { ratesBy, total } from './rates.ts';
import { RatesFigure } from './rates-figure.tsx';

/** How often attempts led to a measurement, and why it did not. */
export function Reliability() {
  const loaded = useDocument('reliability');
  return (
    <Ready of={loaded} height={900}>
      {(document) => <Page document={document} />}
    </Ready>
  );
}

function Page({ document }: { readonly document: ReliabilityDocument }) {
  const { groups, byDay, failures, jobs } = document;
  const names = useNames();
  const ofJobs = total(jobs.byHardware);
  const { ended, succeeded } = total(groups.map((group) => group.attempts));
  const byHardware = ratesBy(groups, ({ hw }) => hw, 'attempts').map((rate) => ({
    ...rate,
    hw: rate.name,
    name: names.hardware(rate.name),
  }));
  const byEngine = ratesBy(groups, ({ framework }) => names.engine(framework), 'attempts');
  return (
    <>
      <div class="page-head">
        <h1>How often do runs succeed?</h1>
        <p class="quiet">
          {[
            ended === 0
              ? ''
              : `${percent(succeeded / ended)} of ${plural(ended, 'attempt')} at a point produced a measurement.`,
            ofJobs.ended === 0
              ? ''
              : `${percent(ofJobs.succeeded / ofJobs.ended)} of ${plural(ofJobs.ended, 'benchmark job')} of the public project succeeded.`,
          ]
            .filter(Boolean)
            .join(' ') || 'The share of attempts that produced a measurement.'}
        </p>
      </div>
      <JobRates jobs={jobs} names={names} />
      {groups.length === 0 ? (
        jobs.byHardware.length === 0 && (
          <Notice title="No attempts are recorded">
            <p>
              They come from the journals of runs: ingest a run directory that has its{' '}
              <code>journal.jsonl</code>. Jobs of the public project come with{' '}
              <code>inferencemax public pull</code>.
            </p>
          </Notice>
        )
      ) : (
        <>
          <div class="grid">
            <RatesFigure title="Success rate by hardware" of={points} name="hw" rates={byHardware} />
            <RatesFigure title="Success rate by engine" of={points} name="framework" rates={byEngine} />
          </div>
          <div class="grid">
            <RatesFigure
              title="Success rate by hardware and engine"
              of={points}
              name="hw_framework"
              rates={groups.map(({ hw, framework, attempts }) => ({
                name: `${names.hardware(hw)} · ${names.engine(framework)}`,
                hw,
                ...attempts,
              }))}
            />
            <RatesFigure
              title="Engine starts that became ready"
              of="Starts of engines that did not fail"
              name="starts"
              rates={groups.map(({ hw, framework, starts }) => ({
                name: `${names.hardware(hw)} · ${names.engine(framework)}`,
                hw,
                ...starts,
              }))}
            />
          </div>
          <ByDay what="attempts" title="Attempts by day" byDay={byDay} />
          <Failures failures={failures} />
        </>
      )}
    </>
  );
}

const points = 'Attempts at a point that produced a measurement';
