import { commonPrefix, type HashId } from './trace.ts';

/** One message of a prompt. Its tokens are those of its blocks, and then `restTokens` tokens that no block records. */
export interface AgentMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly blocks: readonly HashId[];
  readonly restTokens: number;
  /** Seeds the rest: its conversation and turn. */
  readonly restOf: string;
  /** The turn in which it first answered the tool call of the message before it; only of user messages. */
  readonly toolTurn: number | undefined;
}

/** What a turn says about its prompt. */
export interface PromptTurn {
  readonly hashIds: readonly HashId[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The new input is the result of a tool. */
  readonly isToolResult: boolean;
}

/** The messages of a turn's prompt. */
export interface TurnMessages {
  readonly messages: readonly AgentMessage[];
  /** A message that was sent before has changed or is gone. */
  readonly isReset: boolean;
}

export interface PromptScope {
  readonly blockTokens: number;
  /** Tokens of tools and system prompt at the start of the first turn. */
  readonly prefixTokens: number;
  readonly conversation: string;
}

/** The declared prefix of a first turn is longer than its recorded blocks. */
export class PrefixNotRecorded extends Error {
  override readonly name = 'PrefixNotRecorded';
}

/**
 * The array of messages that each turn of a conversation sends. Blocks that a turn has in common with the turn before
 * keep their messages; of the new ones, as many as the last reply had tokens become the assistant's message, and the
 * rest the user's. Every prompt ends with a user message, unless a turn adds nothing.
 */
export function messagesOf(turns: readonly PromptTurn[], scope: PromptScope): readonly TurnMessages[] {
  const limits = assistantLimits(turns, scope.blockTokens);
  let messages: AgentMessage[] = [];
  return turns.map((turn, number) => {
    if (number === 0) {
      messages = firstMessages(turn, scope);
      return { messages, isReset: false };
    }
    const before = turns[number - 1] ?? turn;
    const { kept, isReset } = cutAt(messages, commonPrefix(before.hashIds, turn.hashIds));
    messages = [
      ...kept,
      ...newMessages({ turn, before, number, kept, isReset, limit: limits[number] }, scope),
    ];
    return { messages, isReset };
  });
}

function firstMessages(
  turn: PromptTurn,
  { blockTokens, prefixTokens, conversation }: PromptScope,
): AgentMessage[] {
  const { hashIds, inputTokens } = turn;
  const { covered, restTokens } = geometryOf(turn, blockTokens);
  const declared = Math.ceil(prefixTokens / blockTokens);
  if (declared > hashIds.length) {
    throw new PrefixNotRecorded(
      `the first turn of ${conversation} declares ${prefixTokens} tokens of tools and system prompt, which are ${declared} blocks of ${blockTokens}, but has ${hashIds.length} hash ids`,
    );
  }
  const system = Math.min(declared, covered);
  const user: AgentMessage = {
    role: 'user',
    blocks: hashIds.slice(system, covered),
    restTokens,
    restOf: `${conversation}:0`,
    toolTurn: undefined,
  };
  const messages: AgentMessage[] =
    system === 0
      ? []
      : [
          {
            role: 'system',
            blocks: hashIds.slice(0, system),
            restTokens: 0,
            restOf: '',
            toolTurn: undefined,
          },
        ];
  if (covered * blockTokens + restTokens !== inputTokens) throw new Error('a prompt has the wrong length');
  return user.blocks.length + restTokens > 0 || system === 0 ? [...messages, user] : messages;
}

interface NextTurn {
  readonly turn: PromptTurn;
  readonly before: PromptTurn;
  readonly number: number;
  readonly kept: readonly AgentMessage[];
  readonly isReset: boolean;
  /** Most blocks of the assistant's message. */
  readonly limit: number | undefined;
}

function newMessages(
  { turn, before, number, kept, isReset, limit = Number.POSITIVE_INFINITY }: NextTurn,
  { blockTokens, conversation }: PromptScope,
): readonly AgentMessage[] {
  const { covered, restTokens } = geometryOf(turn, blockTokens);
  const from = commonPrefix(before.hashIds, turn.hashIds);
  const blocks = turn.hashIds.slice(from, covered);
  // Nothing can be answered before the user has said anything.
  const hasUser = kept.some(({ role }) => role === 'user');
  const wanted = hasUser ? Math.ceil(before.outputTokens / blockTokens) : 0;
  const fitting = Math.min(wanted, blocks.length, limit);
  const takesAll = restTokens === 0 && fitting === blocks.length && fitting > 0;
  const answered = takesAll ? fitting - 1 : fitting;
  const common = { restOf: `${conversation}:${number}`, toolTurn: undefined };
  const answer: AgentMessage[] =
    answered === 0
      ? []
      : [{ ...common, role: 'assistant', blocks: blocks.slice(0, answered), restTokens: 0 }];
  const rest = blocks.slice(answered);
  if (rest.length + restTokens === 0) return answer;
  // An earlier reply can only be named as the tool's caller if it is sent in this turn.
  const follows = answered > 0 || (isReset && kept.at(-1)?.role === 'assistant');
  const toolTurn = turn.isToolResult && follows ? number : undefined;
  return [...answer, { ...common, role: 'user', blocks: rest, restTokens, toolTurn }];
}

/** How many whole blocks of a prompt are recorded, and how many tokens follow them. */
function geometryOf(
  { hashIds, inputTokens }: PromptTurn,
  blockTokens: number,
): { readonly covered: number; readonly restTokens: number } {
  const covered = Math.min(hashIds.length, Math.floor(inputTokens / blockTokens));
  return { covered, restTokens: inputTokens - covered * blockTokens };
}

/** The messages of the first `target` blocks, and whether any message was changed or removed. */
function cutAt(
  messages: readonly AgentMessage[],
  target: number,
): { readonly kept: readonly AgentMessage[]; readonly isReset: boolean } {
  if (target === 0) return { kept: [], isReset: messages.length > 0 };
  let blocks = 0;
  for (const [index, message] of messages.entries()) {
    const end = blocks + message.blocks.length;
    if (end < target) {
      blocks = end;
      continue;
    }
    const isChanged = end > target || message.restTokens > 0;
    const last = isChanged
      ? { ...message, blocks: message.blocks.slice(0, target - blocks), restTokens: 0 }
      : message;
    return { kept: [...messages.slice(0, index), last], isReset: isChanged || index + 1 < messages.length };
  }
  return { kept: messages, isReset: false };
}

/**
 * Most blocks of each turn's assistant message, so that a later turn that only drops blocks and adds none still ends
 * with a user message.
 */
function assistantLimits(turns: readonly PromptTurn[], blockTokens: number): readonly (number | undefined)[] {
  const limits = turns.map((): number | undefined => undefined);
  const starts: number[] = [];
  /** The turn that added each block. */
  const owners: number[] = [];
  for (const [number, turn] of turns.entries()) {
    const { covered, restTokens } = geometryOf(turn, blockTokens);
    const before = turns[number - 1]?.hashIds ?? [];
    const kept = Math.min(number === 0 ? 0 : commonPrefix(before, turn.hashIds), owners.length);
    const added = Math.max(0, covered - kept);
    starts.push(kept);
    const owner = owners[kept - 1];
    if (number > 0 && added === 0 && restTokens === 0 && owner !== undefined && owner > 0) {
      const limit = kept - 1 - (starts[owner] ?? 0);
      if (limit >= 0) limits[owner] = Math.min(limits[owner] ?? limit, limit);
    }
    owners.length = kept;
    for (let block = 0; block < added; block++) owners.push(number);
  }
  return limits;
}
