import { idleShift } from '../idle-caps.ts';
import type { AgentConversation, AgentTurn, SessionTree } from '../sessions.ts';
import type { TreeSnapshot } from '../snapshot.ts';

/** How a request ended: whether its session can go on, and how. */
export type TurnOutcome = 'completed' | 'failed' | 'too-long';

/** A conversation that has been started. */
interface PlayedStream {
  readonly conversation: AgentConversation;
  /** The turn that is sent next, or is in flight. */
  next: number;
  isInFlight: boolean;
  /** The next turn was due and had to wait for others. */
  isHeld: boolean;
  /** When the pause before the next turn is over, in seconds. */
  dueS: number;
  /** When it would be due with its recorded pause, or how long after the start of the measured phase. */
  planned: { readonly atS: number } | { readonly afterStartS: number };
}

/** A turn that can be sent now. */
export interface DueTurn {
  readonly conversation: AgentConversation;
  readonly turn: number;
  /** When its pause and everything that it waits for were over. */
  readonly dueS: number;
}

/**
 * One play of a session tree: which turns are over, in flight, or due when. A turn is sent when its pause is over, the
 * children that it joins have ended, and the turns of other streams that had ended before it in the recording are over.
 */
export class TreePlay {
  readonly tree: SessionTree;
  /** Turns that are over, by conversation; infinite for a conversation that was given up. */
  readonly #over = new Map<string, number>();
  readonly #streams = new Map<string, PlayedStream>();
  /** Children that failed; turns no longer wait for them. */
  readonly #released = new Set<string>();
  readonly #conversations: ReadonlyMap<string, AgentConversation>;
  readonly #children: ReadonlyMap<string, readonly string[]>;
  /** Whether turns follow without pauses, as in the warm-up. */
  #isHurried = false;
  #inFlight = 0;
  #lastEndS: number;
  #idleSinceS: number;

  constructor(tree: SessionTree, startS: number, snapshot: TreeSnapshot | undefined) {
    this.tree = tree;
    this.#lastEndS = startS;
    this.#idleSinceS = startS;
    this.#conversations = new Map([tree.root, ...tree.children].map((one) => [one.id, one]));
    this.#children = new Map(tree.branches.map(({ id, children }) => [id, children]));
    if (snapshot === undefined) this.#start(tree.root, { dueS: startS, planned: { atS: startS } });
    else this.#goOnFrom(snapshot, startS);
  }

  #goOnFrom({ streams, done }: TreeSnapshot, startS: number): void {
    for (const [conversation, turns] of done) this.#over.set(conversation, turns);
    for (const { conversation, nextTurn, offsetMs } of streams) {
      const found = this.#conversations.get(conversation);
      if (found === undefined) continue;
      const stream = this.#start(found, { dueS: startS, planned: { afterStartS: offsetMs / 1000 } });
      stream.next = nextTurn;
    }
  }

  #start(conversation: AgentConversation, when: Pick<PlayedStream, 'dueS' | 'planned'>): PlayedStream {
    const stream = { conversation, next: 0, isInFlight: false, isHeld: false, ...when };
    this.#streams.set(conversation.id, stream);
    return stream;
  }

  get isOver(): boolean {
    return [...this.#streams.values()].every((stream) => turnOf(stream) === undefined);
  }

  /** From now on turns follow each other without pauses. */
  hurry(nowS: number): void {
    this.#isHurried = true;
    for (const stream of this.#streams.values()) stream.dueS = nowS;
  }

  /** From now on pauses are those of the recording; what was due meanwhile is due now. */
  resumePauses(nowS: number): void {
    this.#isHurried = false;
    this.#idleSinceS = nowS;
    for (const stream of this.#streams.values()) {
      const { planned } = stream;
      stream.dueS = 'atS' in planned ? Math.max(nowS, planned.atS) : nowS + planned.afterStartS;
    }
  }

  /** The turns that can be sent now, in the order in which they are due. */
  due(nowS: number): readonly DueTurn[] {
    const due: DueTurn[] = [];
    for (const stream of this.#waiting()) {
      if (stream.dueS > nowS) continue;
      if (this.#isOpen(stream)) due.push(this.#dueTurn(stream));
      else stream.isHeld = true;
    }
    return due.toSorted((a, b) => a.dueS - b.dueS);
  }

  /**
   * The turn to send although it waits for others: if nothing else of the tree can happen any more, the one that was
   * recorded first. Recordings with turns out of order can ask for this.
   */
  stuck(nowS: number): DueTurn | undefined {
    const waiting = [...this.#waiting()];
    if (this.#inFlight > 0 || waiting.some((stream) => stream.dueS > nowS || this.#isOpen(stream)))
      return undefined;
    const [first] = waiting.toSorted((a, b) => (turnOf(a)?.startMs ?? 0) - (turnOf(b)?.startMs ?? 0));
    return first === undefined ? undefined : this.#dueTurn(first);
  }

  /** Times in the future at which something becomes due. */
  pendingS(nowS: number): readonly number[] {
    return [...this.#waiting()].flatMap(({ dueS }) => (dueS > nowS ? [dueS] : []));
  }

  /** When the tree has been idle for as long as it may be; undefined while it is not idle. */
  capAtS(capS: number): number | undefined {
    return this.#inFlight > 0 ? undefined : this.#idleSinceS + capS;
  }

  /** Moves everything that is pending forward. */
  shift(seconds: number, nowS: number): void {
    for (const stream of this.#waiting()) if (stream.dueS > nowS) stream.dueS -= seconds;
  }

  /** If the tree was idle for too long, moves its timers so that the first is due now. Returns by how much. */
  cap(nowS: number, capS: number): number {
    const atS = this.capAtS(capS);
    if (atS === undefined || nowS < atS) return 0;
    const shiftS = idleShift({ nowS, idleSinceS: this.#idleSinceS, capS }, this.pendingS(nowS));
    this.shift(shiftS, nowS);
    return shiftS;
  }

  sent(conversation: string): void {
    const stream = this.#streams.get(conversation);
    if (stream === undefined || stream.isInFlight) throw new Error(`${conversation} has no turn to send`);
    stream.isInFlight = true;
    this.#inFlight++;
  }

  ended(conversation: string, nowS: number, outcome: TurnOutcome): void {
    const stream = this.#streams.get(conversation);
    const turn = stream === undefined ? undefined : turnOf(stream);
    if (stream === undefined || turn === undefined) throw new Error(`${conversation} has no turn in flight`);
    stream.isInFlight = false;
    stream.isHeld = false;
    this.#inFlight--;
    this.#lastEndS = nowS;
    if (this.#inFlight === 0) this.#idleSinceS = nowS;
    if (outcome !== 'completed') this.#released.add(conversation);
    if (outcome === 'too-long') {
      stream.next = stream.conversation.turns.length;
      this.#over.set(conversation, Number.POSITIVE_INFINITY);
      return;
    }
    stream.next++;
    this.#over.set(conversation, stream.next);
    for (const branch of turn.spawns) this.#spawn(branch, nowS);
    const pauseS = (turnOf(stream)?.pauseMs ?? 0) / 1000;
    stream.planned = { atS: nowS + pauseS };
    stream.dueS = this.#isHurried ? nowS : nowS + pauseS;
  }

  /** Children start at their recorded distance from the start of their branch. */
  #spawn(branch: string, nowS: number): void {
    const startMs = this.tree.branches.find(({ id }) => id === branch)?.startMs ?? 0;
    for (const id of this.#children.get(branch) ?? []) {
      const child = this.#conversations.get(id);
      if (child === undefined || this.#streams.has(id) || this.#over.has(id)) continue;
      const offsetS = Math.max(0, (child.turns[0]?.startMs ?? startMs) - startMs) / 1000;
      const planned = { atS: nowS + offsetS };
      this.#start(child, { planned, dueS: this.#isHurried ? nowS : planned.atS });
    }
  }

  /** A turn that was held is due since the end of the last turn that it waited for. */
  #dueTurn({ conversation, next, isHeld, dueS }: PlayedStream): DueTurn {
    return { conversation, turn: next, dueS: isHeld ? Math.max(dueS, this.#lastEndS) : dueS };
  }

  *#waiting(): Generator<PlayedStream> {
    for (const stream of this.#streams.values()) {
      if (!stream.isInFlight && turnOf(stream) !== undefined) yield stream;
    }
  }

  #isOpen(stream: PlayedStream): boolean {
    const { joins = [], after = [] } = turnOf(stream) ?? {};
    const isJoined = joins.every((branch) =>
      (this.#children.get(branch) ?? []).every((child) => this.#isJoined(child)),
    );
    return isJoined && after.every(({ conversation, turn }) => this.#turnsOver(conversation) > turn);
  }

  #isJoined(child: string): boolean {
    return (
      this.#released.has(child) ||
      this.#turnsOver(child) >= (this.#conversations.get(child)?.turns.length ?? 0)
    );
  }

  #turnsOver(conversation: string): number {
    return this.#over.get(conversation) ?? 0;
  }
}

function turnOf({ conversation, next }: PlayedStream): AgentTurn | undefined {
  return conversation.turns[next];
}
