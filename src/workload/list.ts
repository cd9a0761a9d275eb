import { conversations } from './kinds/conversations.ts';
import { custom } from './kinds/custom.ts';
import { sharedPrefix } from './kinds/shared-prefix.ts';
import { trace } from './kinds/trace.ts';

/** All kinds of workloads that a config can define, besides the public scenarios. */
export const workloadKinds = [sharedPrefix, conversations, trace, custom] as const;
export type WorkloadKindName = (typeof workloadKinds)[number]['name'];
