import type { LoadTest } from '../../load-test.ts';
import type { SessionTree } from '../sessions.ts';
import type { AffinityHeaders } from './affinity.ts';
import type { ReplayRules } from './schedule.ts';

/** Where a replay sends its requests: a load test without its own traffic. */
export type ReplayedServer = Omit<
  LoadTest,
  | 'dataset'
  | 'numPrompts'
  | 'maxConcurrency'
  | 'requestRate'
  | 'burstiness'
  | 'warmupRequests'
  | 'useChatTemplate'
>;

/** Where the session trees come from. */
export interface ReplayedCorpus {
  /** For results: a data set with its revision, a file with its digest, or how the traces were generated. */
  readonly name: string;
  /** The id of a data set of the hub; undefined for other traces. */
  readonly id: string | undefined;
  /** Not all of its traces are used. */
  readonly isPart: boolean;
}

export interface AgentReplay {
  readonly corpus: ReplayedCorpus;
  readonly server: ReplayedServer;
  readonly trees: readonly SessionTree[];
  readonly rules: ReplayRules;
  /** Length of the measured phase, in seconds. */
  readonly durationS: number;
  /** How long requests in flight at its end may take to finish. */
  readonly graceS: number;
  /** The run ends if more than this share of its requests fails. */
  readonly mostFailed: number;
  readonly toolCalls: boolean;
  /** Headers with the session of each request, for routers. */
  readonly affinity: readonly AffinityHeaders[];
}
