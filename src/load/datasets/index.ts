import type { PromptBody } from '../backends/index.ts';
import { type ComposedSpec, composedBody } from './composed.ts';
import type { SyntheticSpec } from './synthetic.ts';
import { bodyKindOf, type TextsSpec } from './texts.ts';

export type { ComposedSpec } from './composed.ts';
export type { Dataset, Prompt, Said } from './dataset.ts';
export { type ConversationShape, drawConversations } from './draw-conversations.ts';
export type { ConversationsSpec, RandomSpec, SharedPrefixSpec, TraceLengths, Turn } from './synthetic.ts';
export type { ChatMessage, GivenPrompt, TextsSpec } from './texts.ts';

/** What is sent, as plain data. */
export type DatasetSpec = SyntheticSpec | ComposedSpec | TextsSpec;

/** Whether its prompts are drawn at random, token by token. */
export function hasRandomTokens(spec: DatasetSpec): boolean {
  return spec.kind !== 'texts';
}

/** The largest number of prompts in a data set; infinite for drawn prompts, and for texts that are repeated. */
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

/** The seed of a test's prompts; a trace has its own, which all shards share. */
export function seedOfPrompts({ dataset, seed }: { dataset: DatasetSpec; seed: number }): number {
  return (dataset.kind === 'trace' ? dataset.seed : undefined) ?? seed;
}

/** The kinds of bodies that a backend must support; prompts that are only drawn adapt to the backend. */
export function givenBodies(spec: DatasetSpec): readonly PromptBody['kind'][] {
  if (spec.kind === 'composed') return [composedBody(spec)];
  return spec.kind === 'texts' ? [...new Set(spec.prompts.map(bodyKindOf))] : [];
}

/** Whether some requests are later turns of a conversation. */
export function hasLaterTurns(spec: DatasetSpec): boolean {
  if (spec.kind === 'conversations') return spec.conversations.some(({ length }) => length > 1);
  return spec.kind === 'texts' && spec.prompts.some(({ pauseBeforeMs }) => pauseBeforeMs !== undefined);
}

/** Whether streams pause on purpose, between the turns of conversations. */
export function hasPauses(spec: DatasetSpec): boolean {
  switch (spec.kind) {
    case 'conversations':
      return spec.conversations.some((turns) => turns.some(({ pauseS }, turn) => turn > 0 && pauseS > 0));
    case 'texts':
      return spec.prompts.some(({ pauseBeforeMs = 0 }) => pauseBeforeMs > 0);
    default:
      return false;
  }
}
