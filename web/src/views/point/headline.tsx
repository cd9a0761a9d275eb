import type { MetricName, PointDocument } from '../../../../src/server/api.ts';
import { shortNumber } from '../../parts/format.ts';

const figures: readonly (readonly [MetricName, label: string, unit: string])[] = [
  ['totalTputPerGpu', 'Total throughput', 'tok/s/GPU'],
  ['outputTputPerGpu', 'Output throughput', 'tok/s/GPU'],
  ['medianInteractivity', 'Median interactivity', 'tok/s/user'],
  ['medianTtftMs', 'Median TTFT', 'ms'],
  ['p99TtftMs', 'p99 TTFT', 'ms'],
  ['medianE2elMs', 'Median E2EL', 'ms'],
];

/** The figures people ask for first, with what is known of their uncertainty. */
export function Headline({ point }: { readonly point: PointDocument }) {
  const { published } = point;
  if (published === null) return null;
  return (
    <dl class="headline">
      {figures.map(([name, label, unit]) => {
        const value = published.metrics[name];
        const interval = published.intervals[name];
        if (value === undefined) {
          // The reasons are at the top of the page.
          return published.unknown.includes(name) ? (
            <div key={name} data-metric={name} data-value="">
              <dt>{label}</dt>
              <dd class="quiet">not known</dd>
            </div>
          ) : null;
        }
        return (
          <div key={name} data-metric={name} data-value={value}>
            <dt>{label}</dt>
            <dd>
              <b>{shortNumber(value)}</b> {unit}
              {interval && (
                <div class="quiet">
                  95 %: {shortNumber(interval[0])}–{shortNumber(interval[1])}
                </div>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
