import type { SyntheticSpec } from './synthetic.ts';
import type { TextsSpec } from './texts.ts';

export type { Dataset, Prompt } from './dataset.ts';
export { type ConversationShape, drawConversations } from './draw-conversations.ts';
export type { ConversationsSpec, RandomSpec, SharedPrefixSpec, TraceSpec, Turn } from './synthetic.ts';
export type { TextsSpec } from './texts.ts';

/** What is sent, as plain data. */
export type DatasetSpec = SyntheticSpec | TextsSpec;

/** How many prompts a dataset has at most; those that are drawn, and texts that are used again, have no end. */
export function mostPrompts(spec: DatasetSpec): number {
  switch (spec.kind) {
    case 'conversations':
      return spec.conversations.reduce((sum, { length }) => sum + length, 0);
    case 'trace':
      return spec.requests.length;
    case 'texts':
      return spec.prompts.length === 0 ? 0 : Number.POSITIVE_INFINITY;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
