import type { WorkloadBlock } from '../../config/index.ts';
import { type WorkloadKind, workloadId } from '../../workload/index.ts';
import type { Sent } from './fixed.ts';

/** What the items of a workload's block are measured with. */
export function sentBy(kind: WorkloadKind, block: WorkloadBlock<object>): Sent {
  const { name, 'search-space': _, ...traffic } = block;
  return {
    ...kind.lengths(traffic),
    workload: { scenario: kind.name, id: workloadId(kind, name, traffic), traffic },
  };
}
