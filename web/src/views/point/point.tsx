import type { PointDocument } from '../../../../src/server/api.ts';
import { useNames } from '../../data/names.ts';
import { shapeName } from '../../data/points.ts';
import { seriesTitle } from '../../data/server-words.ts';
import { useDocument } from '../../data/use-loaded.ts';
import { About } from '../../parts/about.tsx';
import { CodeBlock } from '../../parts/code-block.tsx';
import { age, moment } from '../../parts/format.ts';
import { Notice, Ready } from '../../parts/states.tsx';
import { Verdict } from '../../parts/verdict.tsx';
import { hashOf, type Route } from '../../state/route.ts';
import { Answers } from './answers.tsx';
import { Distributions } from './distributions.tsx';
import { Fidelity } from './fidelity.tsx';
import { Headline } from './headline.tsx';
import { Metrics } from './metrics.tsx';
import { Origin } from './origin.tsx';
import { Place } from './place.tsx';
import { Power } from './power.tsx';
import { Profile } from './profile.tsx';
import { Raw } from './raw.tsx';
import { Reproduce } from './reproduce.tsx';
import { Search } from './search.tsx';
import { Served } from './served.tsx';
import { ServerMetrics } from './server-metrics.tsx';
import { Sessions } from './sessions/sessions.tsx';
import { Telemetry } from './telemetry.tsx';
import { Timeline } from './timeline.tsx';
import { Workload } from './workload.tsx';

/** Everything about one measurement. */
export function PointPage({ route }: { readonly route: Route }) {
  const loaded = useDocument(route.id === '' ? undefined : (`points/${route.id}` as const));
  if (route.id === '') {
    return (
      <Notice title="No point selected" isPage>
        <p>
          Choose one in a chart or a table: <a href={hashOf('explore')}>explore the measurements</a>.
        </p>
      </Notice>
    );
  }
  return (
    <Ready of={loaded} height={1200}>
      {(point) => <Page point={point} route={route} />}
    </Ready>
  );
}

function Page({ point, route }: { readonly point: PointDocument; readonly route: Route }) {
  const names = useNames();
  const { published, reasons, verdict } = point;
  return (
    <article data-point={point.id}>
      <div class="page-head">
        <p class="quiet">
          {published
            ? `${names.model(published.shape.modelPrefix)}, ${shapeName(published.shape)}`
            : 'A measurement without an aggregate row'}
        </p>
        <h1>
          {published
            ? `${seriesTitle(published.series, names)}, concurrency ${published.conc}`
            : `Point ${point.id.slice(0, 12)}`}
        </h1>
        <p class="row">
          <Verdict verdict={verdict} />
          <About topic="verdict" of="the verdict" />
          <span class="quiet">
            measured {moment(point.measuredAt)} ({age(point.measuredAt)}) in run{' '}
            <a href={hashOf('runs', { id: point.runId })}>{point.runId}</a>
          </span>
        </p>
        <Origin origin={point.origin} />
        {published && <Answers published={published} />}
        {reasons.length > 0 && (
          <ul class="reasons" aria-label="Reasons of the verdict">
            {reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        {published?.supersededBy != null && (
          <p>
            This configuration was measured again:{' '}
            <a href={hashOf('point', { id: published.supersededBy })}>see the newer measurement</a>.
          </p>
        )}
      </div>
      <Headline point={point} />
      {published && <Place point={point} published={published} names={names} route={route} />}
      <Workload point={point} />
      <Search point={point} />
      <Reproduce point={point} />
      {point.sessions !== null && <Sessions pointId={point.id} sessions={point.sessions} />}
      <Distributions point={point} />
      <Timeline point={point} />
      <ServerMetrics point={point} />
      <Power point={point} />
      <Telemetry point={point} />
      <div class="grid">
        <Metrics point={point} />
        <Fidelity point={point} />
      </div>
      <Served point={point} names={names} />
      <Profile point={point} />
      {point.logTail !== null && (
        <section class="card">
          <h2>End of the engine’s log</h2>
          <CodeBlock label="the end of the engine’s log" text={point.logTail} />
        </section>
      )}
      <Raw point={point} />
    </article>
  );
}
