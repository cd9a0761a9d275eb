import { defined } from '../defined/defined.ts';
import type { LoadKind } from '../load/search/levels.ts';
import { sendingBy } from './arrivals.ts';
import type { Traffic, WorkloadKind } from './kind.ts';
import { searchOf } from './search.ts';

/** How much a point sends. With neither requests nor seconds, it sends all requests of its file. */
export interface SendingLength {
  readonly requests?: number;
  /** It ends after this time even if it has more requests. */
  readonly seconds?: number;
  /** Requests per second that it sends, if they do not wait for the server. */
  readonly rate?: number;
  /** It sends as many tests as a search takes. */
  readonly search?: SearchedLoads;
}

/** What a point searches. */
export interface SearchedLoads {
  readonly load: LoadKind;
  readonly min: number;
  readonly max: number;
  readonly slos: readonly string[];
}

/** Requests for each unit of concurrency, as in the public benchmark. */
const promptsPerConc = 10;

/** How much a workload sends at a concurrency, as far as its definition says it. */
export function sendingLength(kind: WorkloadKind, traffic: Traffic, conc: number): SendingLength {
  const search = searchOf(traffic, conc);
  if (search !== undefined) {
    const { kind: load, min, max } = search;
    return { search: { load, min, max, slos: traffic.slo ?? [] } };
  }
  const { arrivals, duration, 'num-prompts': requests } = traffic;
  const usual = kind.hasTimes || duration !== undefined ? undefined : promptsPerConc * conc;
  const rate = arrivals === undefined ? undefined : sendingBy(arrivals, conc).requestRate;
  return defined({ requests: requests ?? usual, seconds: duration, rate });
}
