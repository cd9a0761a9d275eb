import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import { useNames } from '../../data/names.ts';
import { useDocument } from '../../data/use-loaded.ts';
import { Choice } from '../../parts/choice.tsx';
import { percent, plural } from '../../parts/format.ts';
import { Notice, Ready } from '../../parts/states.tsx';
import type { Route } from '../../state/route.ts';
import { useParams } from '../../state/use-route.ts';
import { Failures } from './failures.tsx';
import { JobRates } from './jobs.tsx';
import { OverTime } from './over-time.tsx';
import { reliabilityParams } from './params.ts';
import { periodAsked, periodKey, periodTitle, periodWords } from './periods.ts';
import { ratesBy, total } from './rates.ts';
import { RatesFigure } from './rates-figure.tsx';

/** How often attempts led to a measurement, and why it did not. */
export function Reliability({ route }: { readonly route: Route }) {
  const loaded = useDocument('reliability');
  const [{ period }, change] = useParams(route, reliabilityParams);
  return (
    <Ready of={loaded} height={900}>
      {(document) => <Page document={document} asked={period} onPeriod={(key) => change({ period: key })} />}
    </Ready>
  );
}

interface PageProps {
  readonly document: ReliabilityDocument;
  /** The key of the chosen period. */
  readonly asked: string;
  onPeriod(key: string): void;
}

function Page({ document, asked, onPeriod }: PageProps) {
  const { byDay, failures, jobs, periods } = document;
  const names = useNames();
  const period = periodAsked(periods, asked);
  const { groups = [], jobs: jobsOfPeriod = [] } = period ?? {};
  const ofJobs = total(jobsOfPeriod);
  const { ended, succeeded } = total(groups.map((group) => group.attempts));
  const byHardware = ratesBy(groups, ({ hw }) => hw, 'attempts').map((rate) => ({
    ...rate,
    hw: rate.name,
    name: names.hardware(rate.name),
  }));
  const byEngine = ratesBy(groups, ({ framework }) => names.engine(framework), 'attempts');
  const points = `Attempts at a point${period === undefined ? '' : `, of runs ${periodWords(period)},`} that produced a measurement`;
  return (
    <>
      <div class="page-head">
        <h1>How often do runs succeed?</h1>
        <p class="quiet">
          {period === undefined ? '' : `${capital(periodWords(period))}, `}
          {[
            ended === 0
              ? ''
              : `${percent(succeeded / ended)} of ${plural(ended, 'attempt')} at a point produced a measurement`,
            ofJobs.ended === 0
              ? ''
              : `${percent(ofJobs.succeeded / ofJobs.ended)} of ${plural(ofJobs.ended, 'benchmark job')} of the public project succeeded`,
          ]
            .filter(Boolean)
            .join(', and ') ||
            (period === undefined ? 'The share of attempts that produced a measurement' : 'nothing ended')}
          .
        </p>
      </div>
      {periods.length > 1 && period !== undefined && (
        <form class="choices" aria-label="Which period" onSubmit={(event) => event.preventDefault()}>
          <Choice
            label="Period of the rates"
            value={periodKey(period)}
            options={periods.map((one) => ({ value: periodKey(one), text: periodTitle(one) }))}
            onChange={onPeriod}
          />
        </form>
      )}
      {period !== undefined && <JobRates jobs={jobs} period={period} names={names} />}
      {document.groups.length === 0 ? (
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
              of={`Starts of engines${period === undefined ? '' : `, of runs ${periodWords(period)},`} that did not fail`}
              name="starts"
              rates={groups.map(({ hw, framework, starts }) => ({
                name: `${names.hardware(hw)} · ${names.engine(framework)}`,
                hw,
                ...starts,
              }))}
            />
          </div>
          <OverTime what="attempts" byDay={byDay} />
          <Failures failures={failures} names={names} since={periods.at(-1)?.from} />
        </>
      )}
    </>
  );
}

function capital(words: string): string {
  return `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`;
}
