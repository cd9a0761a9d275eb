import type { PointDocument } from '../../../../src/server/api.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { percent, withUnit } from '../../parts/format.ts';

type Own = NonNullable<PointDocument['serverMetrics']>;
type Latency = Own['latencies'][number];

/** Display names of latencies; for those that only the server has, what it does in that time. */
const titles: Readonly<Record<string, string>> = {
  ttft: 'TTFT',
  tpot: 'TPOT',
  itl: 'ITL',
  e2el: 'E2EL',
  queue: 'In the queue',
  prefill: 'Prefill',
  decode: 'Decode',
};

const columns: readonly FigureColumn<Latency>[] = [
  { key: 'latency', header: 'Mean', value: ({ latency }) => titles[latency] ?? latency },
  { key: 'server_ms', header: 'Server, ms', numeric: true, value: ({ serverMs }) => serverMs },
  { key: 'client_ms', header: 'Client, ms', numeric: true, value: ({ clientMs }) => clientMs },
  { key: 'beyond_ms', header: 'Beyond, ms', numeric: true, value: ({ beyondMs }) => beyondMs },
  { key: 'count', header: 'Samples', numeric: true, value: ({ count }) => count },
];

/** The server's own counters and times, next to the client's. */
export function ServerMetrics({ point: { serverMetrics: own } }: { readonly point: PointDocument }) {
  if (own === null) return null;
  const { engine, latencies, notes } = own;
  return (
    <section class="card">
      <h2>By the server's own metrics</h2>
      <p>
        The figures that {engine} published for this measurement. The difference to the client's figures is
        the network, the server's HTTP layer and the client.
      </p>
      {latencies.length > 0 && (
        <DataTable caption="Means by the server and by the client" columns={columns} rows={latencies} />
      )}
      <Facts
        facts={[
          ['Requests of other clients', own.otherRequests],
          ['Prefix cache hits', shareOf(own.prefixCacheShare)],
          ['Hits in host memory or elsewhere', shareOf(own.externalCacheShare)],
          ['Prompt tokens', sourcesOf(own.promptTokensFrom)],
          ['KV cache to host memory', bandwidth(own.kvOffload?.toCpuBytesPerS)],
          ['KV cache from host memory', bandwidth(own.kvOffload?.toGpuBytesPerS)],
          ['Preemptions', own.preemptions],
          ['Drafted tokens accepted', shareOf(own.draftAcceptance)],
          ['Acceptance length', own.acceptanceLength?.toFixed(2)],
          ['Accepted by position', own.acceptanceByPosition?.map(percent).join(', ')],
        ]}
      />
      {notes.map((note) => (
        <p class="quiet" key={note}>
          Not compared: {note}.
        </p>
      ))}
    </section>
  );
}

function shareOf(share: number | null): string | null {
  return share === null ? null : percent(share);
}

/** The share of each source in the prompt tokens that the engine counted. */
function sourcesOf(from: Own['promptTokensFrom']): string | null {
  if (from === null) return null;
  const sources = [
    ['from the GPU cache', from.gpuCache],
    ['from host memory or elsewhere', from.cpuOrExternalCache],
    ['computed', from.computed],
  ] as const;
  const total = sources.reduce((sum, [, tokens]) => sum + (tokens ?? 0), 0);
  if (total === 0) return null;
  return sources
    .flatMap(([name, tokens]) => (tokens === null ? [] : [`${percent(tokens / total)} ${name}`]))
    .join(', ');
}

function bandwidth(bytesPerS: number | null | undefined): string | null {
  return bytesPerS === null || bytesPerS === undefined ? null : withUnit(bytesPerS / 1e9, 'GB/s');
}
