import { createHash } from 'node:crypto';
import { Random } from '../../random.ts';
import { idleShift } from '../idle-caps.ts';
import { cacheMarker } from '../marker.ts';
import type { AgentConversation, SessionTree } from '../sessions.ts';
import { snapshotAt, startsOf, type TreeSnapshot } from '../snapshot.ts';
import { type DueTurn, TreePlay, type TurnOutcome } from './tree-play.ts';

export type ReplayPhase =
  /** The last turn before the start point of every stream, so that the server has its context. */
  | 'prime'
  /** Turns without pauses, of one token each. */
  | 'warmup'
  | 'profiling'
  | 'over';

export interface ReplayRules {
  /** Trees that are played at the same time. */
  readonly lanes: number;
  readonly seed: number;
  /** The id of the run, which is in its cache markers. */
  readonly run: string;
  /** The first play of a lane starts within these shares of its recording. */
  readonly startRatios: readonly [number, number];
  readonly warmupRequestsPerLane: number;
  /** Longest time without any request of the whole run. */
  readonly systemIdleCapS: number;
  /** Longest time without a request of a tree. */
  readonly treeIdleCapS: number;
}

/** A request that is to be sent now. */
export interface ReplaySend {
  readonly phase: Exclude<ReplayPhase, 'over'>;
  readonly lane: number;
  /** Numbered over the whole run. */
  readonly play: number;
  readonly tree: SessionTree;
  readonly conversation: AgentConversation;
  readonly turn: number;
  readonly outputTokens: number;
  /** Before the first user message. */
  readonly marker: string;
  readonly dueS: number;
}

/** A tree on its lane. */
interface LanePlay {
  readonly number: number;
  readonly marker: string;
  readonly play: TreePlay;
  readonly snapshot: TreeSnapshot | undefined;
  /** Requests of the warm-up that prepare the server for this play. */
  readonly primes: DueTurn[];
}

/** How the timers of a replay were moved, in seconds and times. */
export interface IdleJumps {
  system: number;
  systemS: number;
  trees: number;
  treesS: number;
}

/**
 * What a replay sends when (contract F6), without a clock or a server: the caller passes the time and how requests
 * ended. The same trees, rules and answers give the same requests at the same times.
 */
export class ReplaySchedule {
  readonly #trees: readonly SessionTree[];
  readonly #rules: ReplayRules;
  readonly #lanes: (LanePlay | undefined)[];
  readonly #warmupSent: number[];
  /** Lanes on which something happened since they were last looked at. */
  readonly #touched = new Set<number>();
  /** When to look at each lane again; infinite if only the end of a request can change anything. */
  readonly #wakesS: number[];
  /** How often each trace was played. */
  readonly #passes = new Map<string, number>();
  #drawn = 0;
  #plays = 0;
  #inFlight = 0;
  #phase: ReplayPhase = 'prime';
  #idleSinceS: number;
  readonly jumps: IdleJumps = { system: 0, systemS: 0, trees: 0, treesS: 0 };
  /** Turns that were sent although others that they wait for cannot come. */
  forced = 0;
  /** When the measured phase started. */
  profilingStartS: number | undefined;

  constructor(trees: readonly SessionTree[], rules: ReplayRules, nowS: number) {
    this.#trees = trees.filter(({ root }) => root.turns.length > 0);
    this.#rules = rules;
    this.#idleSinceS = nowS;
    this.#warmupSent = new Array<number>(rules.lanes).fill(0);
    this.#wakesS = new Array<number>(rules.lanes).fill(Number.POSITIVE_INFINITY);
    this.#lanes = this.#warmupSent.map((_, lane) => this.#draw(lane, nowS, { inTheMiddle: true }));
  }

  get phase(): ReplayPhase {
    return this.#phase;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Plays that have started, over all lanes. */
  get plays(): number {
    return this.#plays;
  }

  /** Of these, plays that are over. */
  get playsDone(): number {
    return this.#plays - this.#lanes.filter((lane) => lane !== undefined && !lane.play.isOver).length;
  }

  /** Nothing is sent from now on. */
  stop(): void {
    this.#phase = 'over';
  }

  /** The requests to send now; they count as sent. */
  advance(nowS: number): readonly ReplaySend[] {
    const sends: ReplaySend[] = [];
    for (;;) {
      const due = this.#sendsNow(nowS);
      sends.push(...due);
      if (due.length > 0) continue;
      if (this.#inFlight > 0 || !this.#startNextPhase(nowS)) break;
    }
    return sends;
  }

  /** When to advance next; undefined if only the end of a request can change anything. */
  wakeS(): number | undefined {
    if (this.#phase !== 'profiling') return undefined;
    const nextS = this.#wakesS.reduce((least, lane) => Math.min(least, lane), Number.POSITIVE_INFINITY);
    return Number.isFinite(nextS) ? nextS : undefined;
  }

  ended(send: ReplaySend, nowS: number, outcome: TurnOutcome): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#idleSinceS = nowS;
    const lane = this.#lanes[send.lane];
    this.#touched.add(send.lane);
    if (send.phase === 'prime' || lane?.number !== send.play) return;
    lane.play.ended(send.conversation.id, nowS, outcome);
    if (!lane.play.isOver || this.#phase === 'over') return;
    const next = this.#draw(send.lane, nowS, { inTheMiddle: false });
    this.#lanes[send.lane] = next;
    if (this.#phase === 'warmup') next?.play.hurry(nowS);
  }

  /** A new play of the next trace. Only the first of a lane starts in the middle of its recording. */
  #draw(
    lane: number,
    nowS: number,
    { inTheMiddle }: { readonly inTheMiddle: boolean },
  ): LanePlay | undefined {
    const tree = this.#trees[this.#drawn++ % Math.max(1, this.#trees.length)];
    if (tree === undefined) return undefined;
    const pass = this.#passes.get(tree.trace) ?? 0;
    this.#passes.set(tree.trace, pass + 1);
    const snapshot = inTheMiddle ? this.#startPoint(tree, lane) : undefined;
    const marker = cacheMarker({ run: this.#rules.run, pass, lane, conversation: tree.trace });
    const primes = (snapshot?.streams ?? []).flatMap(({ conversation, nextTurn }): DueTurn[] => {
      const found = [tree.root, ...tree.children].find(({ id }) => id === conversation);
      return found === undefined || nextTurn === 0
        ? []
        : [{ conversation: found, turn: nextTurn - 1, dueS: nowS }];
    });
    return { number: this.#plays++, marker, snapshot, primes, play: new TreePlay(tree, nowS, snapshot) };
  }

  #startPoint(tree: SessionTree, lane: number): TreeSnapshot | undefined {
    const bounds = startsOf(tree);
    if (bounds === undefined) return undefined;
    const [first, last] = bounds;
    const [low, high] = this.#rules.startRatios;
    const ratio = low + (high - low) * drawnOnce(`${this.#rules.seed}:${tree.trace}:${lane}`);
    return snapshotAt(tree, first + ratio * (last - first));
  }

  #sendsNow(nowS: number): readonly ReplaySend[] {
    switch (this.#phase) {
      case 'prime':
        return this.#lanes.flatMap((lane, number) =>
          (lane?.primes.splice(0) ?? []).map((due) =>
            this.#send(due, number, { phase: 'prime', outputTokens: 1 }),
          ),
        );
      case 'warmup':
        return this.#lanesToLookAt(nowS).flatMap((number) => this.#warmupSends(number, nowS));
      case 'profiling':
        return this.#measuredSends(nowS);
      case 'over':
        return [];
    }
  }

  #warmupSends(number: number, nowS: number): readonly ReplaySend[] {
    const left = this.#rules.warmupRequestsPerLane - (this.#warmupSent[number] ?? 0);
    const play = this.#lanes[number]?.play;
    if (left <= 0 || play === undefined) return [];
    const due = play.due(nowS);
    const forced = due.length === 0 ? this.#forced(play, nowS) : [];
    return [...due, ...forced].slice(0, left).map((turn) => {
      this.#warmupSent[number] = (this.#warmupSent[number] ?? 0) + 1;
      return this.#sendTurn(turn, number, { phase: 'warmup', outputTokens: 1 });
    });
  }

  /** In order. What can be sent on a lane depends only on its own requests and on the time. */
  #lanesToLookAt(nowS: number): readonly number[] {
    const lanes = [...this.#lanes.keys()].filter(
      (number) => this.#touched.has(number) || (this.#wakesS[number] ?? nowS) <= nowS,
    );
    this.#touched.clear();
    return lanes;
  }

  #touchAll(): void {
    for (const number of this.#lanes.keys()) this.#touched.add(number);
  }

  #measuredSends(nowS: number): readonly ReplaySend[] {
    const sends = this.#lanesToLookAt(nowS).flatMap((number) => {
      const play = this.#lanes[number]?.play;
      if (play === undefined) return [];
      const treeS = play.cap(nowS, this.#rules.treeIdleCapS);
      if (treeS > 0) {
        this.jumps.trees++;
        this.jumps.treesS += treeS;
      }
      const due = play.due(nowS);
      const forced = due.length === 0 ? this.#forced(play, nowS) : [];
      const sent = [...due, ...forced].map((turn) =>
        this.#sendTurn(turn, number, {
          phase: 'profiling',
          outputTokens: turn.conversation.turns[turn.turn]?.outputTokens ?? 1,
        }),
      );
      this.#wakesS[number] = this.#wakeOf(play, nowS);
      return sent;
    });
    if (sends.length > 0 || this.#inFlight > 0 || !this.#capSystem(nowS)) return sends;
    return this.#measuredSends(nowS);
  }

  #wakeOf(play: TreePlay, nowS: number): number {
    const pending = play.pendingS(nowS);
    if (pending.length === 0) return Number.POSITIVE_INFINITY;
    return Math.min(...pending, play.capAtS(this.#rules.treeIdleCapS) ?? Number.POSITIVE_INFINITY);
  }

  #forced(play: TreePlay, nowS: number): readonly DueTurn[] {
    const stuck = play.stuck(nowS);
    if (stuck === undefined) return [];
    this.forced++;
    return [stuck];
  }

  /** Returns whether timers were moved. */
  #capSystem(nowS: number): boolean {
    const plays = this.#lanes.flatMap((lane) => (lane === undefined ? [] : [lane.play]));
    const pending = plays.flatMap((play) => play.pendingS(nowS));
    const idle = { nowS, idleSinceS: this.#idleSinceS, capS: this.#rules.systemIdleCapS };
    const shiftS = idleShift(idle, pending);
    if (shiftS <= 0) return false;
    for (const play of plays) play.shift(shiftS, nowS);
    this.#touchAll();
    this.jumps.system++;
    this.jumps.systemS += shiftS;
    return true;
  }

  /** Starts the next phase when one has drained; returns whether there is one. */
  #startNextPhase(nowS: number): boolean {
    const plays = this.#lanes.flatMap((lane) => (lane === undefined ? [] : [lane.play]));
    this.#touchAll();
    if (this.#phase === 'prime') {
      this.#phase = 'warmup';
      for (const play of plays) play.hurry(nowS);
      return true;
    }
    if (this.#phase !== 'warmup') return false;
    this.#phase = 'profiling';
    this.profilingStartS = nowS;
    this.#idleSinceS = nowS;
    for (const play of plays) play.resumePauses(nowS);
    return true;
  }

  #sendTurn(due: DueTurn, lane: number, how: Pick<ReplaySend, 'phase' | 'outputTokens'>): ReplaySend {
    this.#lanes[lane]?.play.sent(due.conversation.id);
    return this.#send(due, lane, how);
  }

  #send(
    { conversation, turn, dueS }: DueTurn,
    lane: number,
    how: Pick<ReplaySend, 'phase' | 'outputTokens'>,
  ): ReplaySend {
    const played = this.#lanes[lane];
    if (played === undefined) throw new Error(`lane ${lane} has no tree`);
    this.#inFlight++;
    const { number: play, marker } = played;
    return { ...how, lane, play, tree: played.play.tree, conversation, turn, marker, dueS };
  }
}

/** A number in [0, 1) that the text determines. */
function drawnOnce(text: string): number {
  return new Random(createHash('sha256').update(text).digest().readUInt32BE(0)).unit();
}
