import type { WatchedResult } from '../../app/watch-bench-server.ts';
import { figure } from '../../load/index.ts';
import { clientMeans, type ServerReport } from '../../telemetry/index.ts';

type Watched = Pick<WatchedResult, 'server_metrics' | 'telemetry' | 'fidelity'> &
  Parameters<typeof clientMeans>[0];

const nameWidth = 36;
const columnWidth = 12;

/** Latencies in the order of the table; first those that client and server both measure. */
const shared = [
  ['ttft', 'TTFT'],
  ['tpot', 'TPOT'],
  ['itl', 'ITL'],
  ['e2el', 'E2EL'],
] as const;
const own = [
  ['queue', 'in the queue'],
  ['prefill', 'prefill'],
  ['decode', 'decode'],
] as const;

/** Metrics of the server and its machine, as lines of the result table; empty if they were not read. */
export function serverLines(result: Watched): readonly string[] {
  const { server_metrics: server } = result;
  if (server === undefined) return [];
  return [
    ...(server.state === 'read' ? metricsLines(server, result) : noMetrics(server)),
    ...powerLines(result),
  ];
}

function noMetrics({ reason }: Extract<ServerReport, { state: 'unavailable' }>): readonly string[] {
  return [row("Server's own metrics", `none: ${reason}`)];
}

function metricsLines(server: Extract<ServerReport, { state: 'read' }>, result: Watched): readonly string[] {
  const { latencies, prefix_cache: cache, preemptions, spec_decode: drafts, notes = [] } = server;
  const means = clientMeans(result);
  const beyond = result.fidelity.beyond_server_ms;
  const both = shared.flatMap(([name, title]) => {
    const theirs = latencies[name];
    return theirs === undefined
      ? []
      : [row(`  ${title}`, cells([theirs.mean_ms, means[name], beyond?.[name] ?? null]))];
  });
  const inside = own.flatMap(([name, title]) => {
    const theirs = latencies[name];
    return theirs === undefined ? [] : [row(`  ${title}`, cells([theirs.mean_ms]))];
  });
  const header = ['server', 'client', 'beyond'].map((title) => title.padEnd(columnWidth)).join('');
  const timed = both.length + inside.length === 0 ? [] : [row('  means (ms)', header.trimEnd())];
  return [
    row("Server's own metrics", server.engine),
    ...timed,
    ...both,
    ...inside,
    ...(cache?.share == null
      ? []
      : [row('  prefix cache hits', `${percent(cache.share)} of ${cache.queried_tokens} tokens`)]),
    ...(preemptions === null ? [] : [row('  preemptions', String(preemptions))]),
    ...(drafts === null ? [] : draftLines(drafts)),
    ...notes.map((note) => row('  not compared', note)),
  ];
}

type Drafts = NonNullable<Extract<ServerReport, { state: 'read' }>['spec_decode']>;

function draftLines({ acceptance, acceptance_length, acceptance_by_position }: Drafts): readonly string[] {
  return [
    ...(acceptance === null ? [] : [row('  drafted tokens accepted', percent(acceptance))]),
    ...(acceptance_length === null ? [] : [row('  acceptance length', acceptance_length.toFixed(2))]),
    ...(acceptance_by_position === null
      ? []
      : [row('  accepted by position', acceptance_by_position.map(percent).join(', '))]),
  ];
}

/** Power of the GPUs, or else of the CPU packages. */
function powerLines({ telemetry }: Watched): readonly string[] {
  const power = telemetry?.power;
  if (power?.state !== 'measured') return [];
  const each = power.j_per_output_token;
  const of = power.of === 'accelerators' ? `${power.devices.length} GPU` : 'CPU';
  return [
    row(`Power of ${of} (W)`, power.mean_w.toFixed(1)),
    ...(each === undefined ? [] : [row('  energy per output token (J)', String(each))]),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function cells(values: readonly (number | null)[]): string {
  return values
    .map((value) => figure(value, 2).padEnd(columnWidth))
    .join('')
    .trimEnd();
}

function row(name: string, value: string): string {
  return `${`${name}:`.padEnd(nameWidth)}${value}`;
}
