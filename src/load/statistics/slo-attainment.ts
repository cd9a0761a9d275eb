import { defined } from '../../defined/defined.ts';
import { type Latencies, latenciesOf } from '../latencies.ts';
import type { LoadTest, Slos } from '../load-test.ts';
import { type RequestLog, RequestState } from '../request-log.ts';
import type { Goodput, SloFigures } from '../result-schema.ts';
import { designEffectOf } from '../search/evidence.ts';
import { requestLimits, type SloMetric, sloMetrics } from '../search/slo.ts';
import { valueAt } from '../unknown.ts';

/** The limits that a single reply has to meet to count as goodput; undefined for none. */
export function goodputLimits({ goodput, slos }: Pick<LoadTest, 'goodput' | 'slos'>): Slos | undefined {
  return goodput ?? (slos === undefined ? undefined : requestLimits(slos));
}

/** A limit of each request's latency; with a percentile, that share of requests has to be within it. */
interface Limit {
  readonly metric: SloMetric;
  readonly limitMs: number;
  readonly percentile?: number;
}

/** How the requests of a test met each limit; `goodput` counts those that met all limits of a single request. */
export function sloFigures(log: RequestLog, test: LoadTest, goodput: Goodput): SloFigures {
  const order = endedInOrder(log);
  const limits: readonly Limit[] = test.slos ?? limitsOf(goodputLimits(test) ?? {});
  const latencies = latenciesOf(log, 'due');
  return {
    requests: order.length,
    attainment: goodput.not_known > 0 || order.length === 0 ? null : goodput.met / order.length,
    limits: limits.map((limit) => figuresOf(limit, log, latencies, order)),
  };
}

function limitsOf(goodput: Slos): readonly Limit[] {
  return sloMetrics.flatMap((metric) => {
    const limitMs = goodput[metric];
    return limitMs === undefined ? [] : [{ metric, limitMs }];
  });
}

/** Indexes of the requests that completed or failed, of those that were due in the window, in order of their start. */
function endedInOrder(log: RequestLog): Uint32Array {
  return Uint32Array.from(log.state.keys())
    .filter((index) => hasEnded(valueAt(log.state, index)) && !log.isOutside(index))
    .sort((a, b) => valueAt(log.startMs, a) - valueAt(log.startMs, b));
}

function hasEnded(state: number): boolean {
  return state === RequestState.completed || state === RequestState.failed;
}

function figuresOf(
  { metric, percentile, limitMs }: Limit,
  log: RequestLog,
  latencies: Latencies,
  order: Uint32Array,
): SloFigures['limits'][number] {
  const valuesMs = latencies[`${metric}Ms`];
  // 1 within the limit, 0 beyond it, 2 unknown. A failed request meets no limit, a reply of one token any of TPOT.
  const outcomes = new Uint8Array(log.length);
  let place = 0;
  for (let index = 0; index < log.length; index++) {
    if (log.state[index] !== RequestState.completed) continue;
    const valueMs = valueAt(valuesMs, place++);
    if (metric === 'tpot' && valueAt(log.outputTokens, index) <= 1) outcomes[index] = 1;
    else outcomes[index] = Number.isNaN(valueMs) ? 2 : valueMs <= limitMs ? 1 : 0;
  }
  const inOrder = Uint8Array.from(order, (index) => valueAt(outcomes, index));
  const count = (wanted: number): number => inOrder.filter((outcome) => outcome === wanted).length;
  return {
    metric,
    ...defined({ percentile }),
    limit_ms: limitMs,
    met: count(1),
    not_known: count(2),
    design_effect: designEffectOf(inOrder.map((outcome) => (outcome === 1 ? 1 : 0))),
  };
}
