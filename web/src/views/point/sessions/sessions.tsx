import { useMemo } from 'preact/hooks';
import type { PointDocument, SessionsDocument } from '../../../../../src/server/api.ts';
import { useDocument } from '../../../data/use-loaded.ts';
import { About } from '../../../parts/about.tsx';
import { Facts } from '../../../parts/facts.tsx';
import { percent, quantity, shortNumber } from '../../../parts/format.ts';
import { Ready } from '../../../parts/states.tsx';
import { requestsOf } from './lanes.ts';
import { LanesFigure } from './lanes-figure.tsx';
import { OverTime } from './over-time.tsx';
import { SessionDistributions } from './session-distributions.tsx';
import { TurnsFigure } from './turns-figure.tsx';

type Summary = NonNullable<PointDocument['sessions']>;

/** What a replay of agent sessions did. */
export function Sessions({ pointId, sessions }: { readonly pointId: string; readonly sessions: Summary }) {
  const loaded = useDocument(sessions.hasRequests ? (`sessions/${pointId}` as const) : undefined);
  return (
    <>
      <SessionFacts sessions={sessions} />
      {sessions.hasRequests && (
        <Ready of={loaded} height={900}>
          {(document) => <Requests document={document} />}
        </Ready>
      )}
    </>
  );
}

function SessionFacts({ sessions }: { readonly sessions: Summary }) {
  const { submission, idealHitRate, achievedHitRate, e2eInteractivity, scheduleErrorMs } = sessions;
  return (
    <section class="card" aria-label="Sessions of coding agents">
      <h2>
        Sessions of coding agents <About topic="sessions" of="sessions of coding agents" />
      </h2>
      <p data-submission={submission.isValid ? 'valid' : 'invalid'}>
        {submission.isValid ? (
          <b>The run keeps the rules of the public benchmark.</b>
        ) : (
          <>
            <b>The run breaks rules of the public benchmark</b>, so it cannot be submitted:{' '}
            {[...submission.reasons.map(reasonWords), ...submission.overrides].join('; ')}.
          </>
        )}
      </p>
      <Facts
        facts={[
          ['Sessions from', sessions.corpus],
          ['Traces', sessions.traces.toLocaleString('en')],
          ['Session trees started', sessions.plays.toLocaleString('en')],
          ['Cache hits, ideal', idealHitRate === null ? null : percent(idealHitRate)],
          [
            'Cache hits, achieved',
            achievedHitRate === null ? 'the server does not report them' : percent(achievedHitRate),
          ],
          ['Normalized interactivity', statistics(e2eInteractivity, 'tok/s')],
          ['Sent later than due', statistics(scheduleErrorMs, 'ms')],
          ['Warm-up requests', sessions.warmupRequests?.toLocaleString('en')],
          ['Context overflows', sessions.contextOverflows?.toLocaleString('en')],
          ['Turns sent out of order', sessions.forcedTurns?.toLocaleString('en')],
        ]}
      />
    </section>
  );
}

/** The reasons of contract F6 in words. */
function reasonWords(reason: string): string {
  const words: Readonly<Record<string, string>> = {
    unsafe_override: 'a locked setting was changed (unsafe_override)',
    context_overflow_rate_exceeded: `more than ${percent(0.01)} of the prompts exceeded the context length`,
    run_cancelled: 'the run was cancelled or ended early',
    insufficient_profile_metric_coverage: 'the replies do not cover the whole measured phase',
  };
  return words[reason] ?? reason;
}

function statistics(figures: Readonly<Record<string, number>> | null, unit: string): string | null {
  if (figures === null) return null;
  const known = ['p50', 'p90', 'p99'].flatMap((name) => {
    const value = figures[name];
    return value === undefined ? [] : [`${name.toUpperCase()} ${quantity(shortNumber(value), unit)}`];
  });
  return known.length === 0 ? null : known.join(', ');
}

function Requests({ document }: { readonly document: SessionsDocument }) {
  const requests = useMemo(() => requestsOf(document), [document]);
  const { shown } = document;
  return (
    <section aria-label="Requests of the sessions" data-requests={shown.requests}>
      {shown.requests < document.requests && (
        <p class="quiet">
          Sessions and turns show {shown.requests.toLocaleString('en')} of the{' '}
          {document.requests.toLocaleString('en')} requests: those of the first {shown.lanes} of{' '}
          {shown.ofLanes} lanes. The other figures cover all requests of the measured phase.
        </p>
      )}
      <LanesFigure pointId={document.id} requests={requests} ofLanes={shown.ofLanes} />
      <TurnsFigure pointId={document.id} requests={requests} />
      <OverTime document={document} />
      <SessionDistributions document={document} />
    </section>
  );
}
