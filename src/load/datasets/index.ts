import type { SyntheticSpec } from './synthetic.ts';
import type { TextsSpec } from './texts.ts';

export type { Dataset, Prompt } from './dataset.ts';
export { type ConversationShape, drawConversations } from './draw-conversations.ts';
export type { ConversationsSpec, RandomSpec, SharedPrefixSpec, TraceSpec, Turn } from './synthetic.ts';
export type { TextsSpec } from './texts.ts';

/** What is sent, as plain data. */
export type DatasetSpec = SyntheticSpec | TextsSpec;
