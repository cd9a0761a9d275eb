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

export interface AgentReplay {
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
