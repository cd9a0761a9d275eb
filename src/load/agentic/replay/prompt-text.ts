import { createHash } from 'node:crypto';
import type { PromptBody } from '../../backends/index.ts';
import type { Vocabulary } from '../../datasets/vocabulary.ts';
import { Random } from '../../random.ts';
import type { AgentMessage } from '../messages.ts';
import type { SessionTree } from '../sessions.ts';
import type { HashId } from '../trace.ts';

/** How the messages of a turn are written. */
export interface PromptForm {
  /** Before the first user message. */
  readonly marker: string;
  /** Tool results are sent as answers to tool calls; otherwise they are sent as user messages. */
  readonly toolCalls: boolean;
}

/**
 * Writes the messages of turns as JSON. A block has the same tokens wherever it occurs in its trace, exactly as many as
 * its size, because every word of the vocabulary is one token.
 */
export class PromptText {
  readonly #vocabulary: Vocabulary;
  readonly #seed: number;
  /** The text of each block, for each trace that is being played. */
  readonly #blocks = new WeakMap<SessionTree, Map<HashId, Uint8Array>>();

  constructor(vocabulary: Vocabulary, seed: number) {
    this.#vocabulary = vocabulary;
    this.#seed = seed;
  }

  body(tree: SessionTree, messages: readonly AgentMessage[], { marker, toolCalls }: PromptForm): PromptBody {
    const firstUser = messages.findIndex(({ role }) => role === 'user');
    const pieces: Uint8Array[] = [openList];
    for (const [index, message] of messages.entries()) {
      const { toolTurn } = message;
      const answered = messages[index + 1]?.toolTurn;
      const isAnswer = toolCalls && toolTurn !== undefined;
      const role = isAnswer ? `"role":"tool","tool_call_id":"call_${toolTurn}"` : `"role":"${message.role}"`;
      const start = index === firstUser ? JSON.stringify(marker).slice(1, -1) : '';
      pieces.push(Buffer.from(`${index === 0 ? '' : ','}{${role},"content":"${start}`));
      for (const id of message.blocks) pieces.push(this.#block(tree, id));
      pieces.push(this.#words(`${tree.trace}:rest:${message.restOf}`, message.restTokens));
      const call = toolCalls && answered !== undefined ? `,"tool_calls":[${toolCall(answered)}]` : '';
      pieces.push(Buffer.from(`"${call}}`));
    }
    pieces.push(closeList);
    return { kind: 'messages', json: Buffer.concat(pieces) };
  }

  #block(tree: SessionTree, id: HashId): Uint8Array {
    const known = this.#blocks.get(tree) ?? new Map<HashId, Uint8Array>();
    this.#blocks.set(tree, known);
    const text = known.get(id) ?? this.#words(`${tree.trace}:${id}`, tree.blockTokens);
    known.set(id, text);
    return text;
  }

  /** Words that the name determines. */
  #words(name: string, count: number): Uint8Array {
    if (count === 0) return nothing;
    const random = new Random(createHash('sha256').update(`${this.#seed}:${name}`).digest().readUInt32BE(0));
    const bytes = Buffer.allocUnsafe(count * this.#vocabulary.longest);
    let end = 0;
    for (let word = 0; word < count; word++) {
      end = this.#vocabulary.write(random.integer(0, this.#vocabulary.size - 1), bytes, end);
    }
    return bytes.subarray(0, end);
  }
}

const openList = Buffer.from('[');
const closeList = Buffer.from(']');
const nothing = Buffer.alloc(0);

/** The call that a turn's result answers. */
function toolCall(turn: number): string {
  return JSON.stringify({
    id: `call_${turn}`,
    type: 'function',
    function: { name: 'recorded_tool', arguments: '{}' },
  });
}
