import type { LoadProgress } from '../load/index.ts';
import type { ProvisionProgress } from '../provision/index.ts';
import type { JournalEvent } from './journal.ts';

/** Events of a running sweep: every journaled change of state, and the progress in between. */
export type SweepEvent =
  | JournalEvent
  | {
      readonly type: 'provision-progress';
      readonly sessionId: string;
      readonly node: string;
      readonly progress: ProvisionProgress;
    }
  | {
      readonly type: 'waiting';
      readonly sessionId: string;
      readonly node: string;
      readonly what: string;
      readonly timeoutS: number;
    }
  | {
      readonly type: 'point-progress';
      readonly sessionId: string;
      readonly pointId: string;
      readonly node: string;
      readonly progress: LoadProgress;
    };
