import { arrivalOf } from '../../../../src/derived/arrival.ts';
import type { MetricName, PointDocument } from '../../../../src/server/api.ts';
import { arrivalWords } from '../../data/arrival-words.ts';
import { deviceOf } from '../../data/device.ts';
import { perGpuOfRole } from '../../data/role-throughput.ts';
import { About } from '../../parts/about.tsx';
import { percent, shortNumber } from '../../parts/format.ts';
import type { Topic } from '../../parts/topics.ts';

const figures: readonly (readonly [MetricName, label: string, unit: string, topic: Topic])[] = [
  ['totalTputPerGpu', 'Total throughput', 'tok/s/GPU', 'throughput'],
  ['outputTputPerGpu', 'Output throughput', 'tok/s/GPU', 'throughput'],
  ['p90E2eInteractivity', 'P90 normalized interactivity', 'tok/s/user', 'sessions'],
  ['medianInteractivity', 'Median interactivity', 'tok/s/user', 'latency'],
  ['medianTtftMs', 'Median TTFT', 'ms', 'latency'],
  ['p99TtftMs', 'p99 TTFT', 'ms', 'latency'],
  ['medianE2elMs', 'Median E2EL', 'ms', 'latency'],
];

/** The most important figures, with their intervals if they are known. */
export function Headline({ point }: { readonly point: PointDocument }) {
  const { published } = point;
  if (published === null) return null;
  const { version, metrics } = published;
  const arrival = arrivalOf({ version, metric: (name) => metrics[name] ?? null });
  return (
    <dl class="headline">
      {figures.map(([name, label, unit, topic]) => {
        const value = published.metrics[name];
        const interval = published.intervals[name];
        if (value === undefined) {
          // The reasons are at the top of the page.
          return published.unknown.includes(name) ? (
            <div key={name} data-metric={name} data-value="">
              <dt>
                {label} <About topic={topic} of={label} />
              </dt>
              <dd class="quiet">not known</dd>
            </div>
          ) : null;
        }
        return (
          <div key={name} data-metric={name} data-value={value}>
            <dt>
              {label} <About topic={topic} of={label} />
            </dt>
            <dd>
              <b>{shortNumber(value)}</b>{' '}
              {perGpuOfRole(name, published) ?? unit.replace('GPU', deviceOf([published.series.hw]))}
              {interval && (
                <div class="quiet">
                  {percent(0.95)}: {shortNumber(interval[0])}–{shortNumber(interval[1])}
                </div>
              )}
              {name === 'medianInteractivity' && (
                <div class="arrival" data-arrival={arrival.state}>
                  {arrivalWords(arrival)}
                </div>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
