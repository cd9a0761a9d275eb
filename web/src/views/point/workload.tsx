import type { PointDocument } from '../../../../src/server/api.ts';
import { deviceOf } from '../../data/device.ts';
import { Facts } from '../../parts/facts.tsx';
import { percent, shortNumber } from '../../parts/format.ts';

/** What was sent, if not requests of fixed lengths, and what became of it: cache and limits. */
export function Workload({ point }: { readonly point: PointDocument }) {
  const { workload, published, requests } = point;
  if (workload === null) return null;
  const { cachedInputShare: cached, idealCachedInputShare: ideal } = requests;
  const { sloAttainment: attainment, goodputPerGpu: goodput } = published?.metrics ?? {};
  return (
    <section class="card" data-workload={workload.id}>
      <h2>Workload</h2>
      <Facts
        facts={[
          ['Name', workload.id],
          ['Kind', workload.kind],
          ['Prompt tokens from the prefix cache', cached === null ? 'not reported' : percent(cached)],
          ['With an ideal cache', ideal === null ? null : percent(ideal)],
          ['Requests within the limits', attainment === undefined ? null : percent(attainment)],
          [
            'Goodput',
            goodput === undefined || published === null
              ? null
              : `${shortNumber(goodput)} req/s/${deviceOf([published.series.hw])}`,
          ],
          ['Limits', published?.limits],
        ]}
      />
      {Object.keys(workload.definition).length > 0 && (
        <>
          <h3>Definition</h3>
          <Facts facts={Object.entries(workload.definition)} />
        </>
      )}
    </section>
  );
}
