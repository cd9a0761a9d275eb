import { BrokenReply } from './broken-reply.ts';
import { type EmptyEvent, placeEmptyEvents, type TimeBounds } from './empty-events.ts';

/** The tokens of a reply and their arrival times, by the best evidence in it. */
export interface Settled {
  /** Output tokens generated; undefined if their number is unknown. */
  readonly tokens: number | undefined;
  /** Those that belong to the choices that were sent. */
  readonly sentTokens: number | undefined;
  /** When each event with tokens was read, ascending within each choice; choices follow one another. */
  readonly timesMs: Float64Array;
  /** Where each choice's times start in `timesMs`. */
  readonly starts: readonly number[];
  /** Cumulative token count at each of `timesMs`; undefined if only the total is known. */
  readonly counts: Uint32Array | undefined;
  /** NaN if unknown. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The time from each choice's first token to its last, summed; NaN if unknown. */
  readonly decodeMs: number;
  /** Tokens minus the first of each choice; 0 for a reply without a time per output token. */
  readonly decodeSteps: number;
  /** The server's count contradicts itself or what arrived, and was not used. */
  readonly usageConflicts: boolean;
  /** It is unclear whether some events without output were tokens. */
  readonly isDoubtful: boolean;
  /** Bounds on the times of a doubtful reply, if known. */
  readonly bounds: TimeBounds | undefined;
  /** Some generated tokens were not sent: hidden reasoning. */
  readonly hidesTokens: boolean;
  /** The number of distinct moments in `timesMs`. */
  readonly instants: number;
}

/** What the server reports about the tokens of a reply. */
export interface ServerCounts {
  /** Its last count of output tokens; undefined if there is none. */
  readonly total: number | undefined;
  /** The count came in an event without a choice, so it is a total rather than a running count. */
  readonly isSeparate: boolean;
  /** A count was not a whole number of 0 or more, or decreased. */
  readonly isDamaged: boolean;
  /** The number of tokens listed, if every event with output listed its tokens. */
  readonly listed: number | undefined;
  /** Tokens of the prompt, if known. */
  readonly prompt: number | undefined;
  /** Generated tokens of the total that were not sent. */
  readonly hidden: number;
  /** An unknown number of further tokens was not sent. */
  readonly hidesMore: boolean;
  /** Tokens requested, over all choices. */
  readonly asked: number;
  /** The share of the counted tokens that belong to choices which are sent; below 1 with `best_of`. */
  readonly sentShare: number;
}

/** The chunks allowed per requested token, plus a fixed number, before a reply counts as endless. */
const mostChunksPerToken = 4;
const chunksAllowedBeyond = 4096;
/** Memory for this many arrivals is taken before they come. */
const mostInAdvance = 1024;
/** If a reply is longer than requested, its count is not believed above this many tokens per event. */
const mostTokensPerEvent = 2;

/**
 * The arrivals of one reply: events with generated output, events without output that may have been tokens, and the
 * server's counts. Which of them were tokens is decided when the reply is complete. One object serves all replies of a
 * stream, so that recording a plain token allocates nothing.
 */
export class Arrivals {
  #timesMs = new Float64Array(1);
  #count = 0;
  #most = 0;
  /** The choice of each arrival; undefined while all belong to choice 0. */
  #choices: Uint16Array | undefined;
  readonly #empties: EmptyEvent[] = [];
  /** The choice of the following plain tokens: that of the event they resemble. */
  #plainChoice = 0;
  // Events that carried a running token count, with or without output.
  #countTimesMs: number[] = [];
  #counts: number[] = [];
  /** Events with output whose count exceeded the previous one. */
  #risen = 0;
  /** The last event with output repeated the previous count: it flushed leftover text without a new token. */
  #lastIsRest = false;
  /** The server names the role in every event, so the first one is like the others. */
  #roleIsEverywhere = false;

  reset(outputTokens: number): void {
    this.#count = 0;
    this.#most = mostChunksPerToken * outputTokens + chunksAllowedBeyond;
    // Room for every token of a usual reply, so that it rarely has to grow.
    const likely = Math.min(outputTokens, mostInAdvance) + 1;
    if (this.#timesMs.length < likely) this.#timesMs = new Float64Array(likely);
    this.#choices = undefined;
    if (this.#empties.length > 0) this.#empties.length = 0;
    if (this.#counts.length > 0) {
      this.#counts = [];
      this.#countTimesMs = [];
    }
    this.#risen = 0;
    this.#lastIsRest = false;
    this.#roleIsEverywhere = false;
  }

  /** Events with output. */
  get count(): number {
    return this.#count;
  }

  /** When the last event with output arrived; 0 before the first. */
  get lastMs(): number {
    return this.#count === 0 ? 0 : (this.#timesMs[this.#count - 1] ?? 0);
  }

  /** Records an event like the last one with output and without a count. Throws BrokenReply if the reply is endless. */
  plain(atMs: number): void {
    if (this.#count === this.#timesMs.length) this.#grow();
    if (this.#choices !== undefined) this.#choices[this.#count] = this.#plainChoice;
    this.#timesMs[this.#count++] = atMs;
  }

  /** The choice that plain tokens belong to from now on. */
  set plainChoice(choice: number) {
    this.#plainChoice = choice;
  }

  /** The server named the role again after the first event of a choice. */
  roleAgain(): void {
    this.#roleIsEverywhere = true;
  }

  /** Records an event with output. `counted`: tokens so far, if the event reports them. */
  output(atMs: number, choice: number, counted: number | undefined): void {
    if (choice !== 0 && this.#choices === undefined) this.#choices = new Uint16Array(this.#timesMs.length);
    if (this.#count === this.#timesMs.length) this.#grow();
    if (this.#choices !== undefined) this.#choices[this.#count] = choice;
    this.#timesMs[this.#count++] = atMs;
    const rises = counted !== undefined && counted > (this.#counts.at(-1) ?? 0);
    if (rises) this.#risen++;
    this.#lastIsRest = counted !== undefined && !rises;
    if (counted !== undefined) this.#recordCount(atMs, counted);
  }

  /** Records an event without output that may have been a token. */
  empty(event: Omit<EmptyEvent, 'before'>, counted: number | undefined): void {
    if (this.#empties.length > this.#most) this.#runaway();
    const { atMs, choice, kind, isByLength } = event;
    this.#empties.push({ atMs, choice, kind, isByLength, before: this.#outputsOf(choice) });
    if (counted !== undefined) this.#recordCount(event.atMs, counted);
  }

  /** Events with output of one choice so far. */
  #outputsOf(choice: number): number {
    if (this.#choices === undefined) return choice === 0 ? this.#count : 0;
    let outputs = 0;
    for (const other of this.#choices.subarray(0, this.#count)) if (other === choice) outputs++;
    return outputs;
  }

  /** Decides which events were tokens, now that the reply is complete. */
  settle(server: ServerCounts): Settled {
    const { total, listed, isDamaged } = server;
    if (listed !== undefined && total !== undefined && !this.#agrees(listed, total)) {
      return this.#byOutput({ ...server, total: listed, hidden: 0 }, true);
    }
    if (this.#countsHold(server) && this.#isInReach(server) && this.#choices === undefined) {
      return this.#byCounts(server);
    }
    const isPlausible =
      total === undefined ||
      (total - server.hidden >= this.#count && this.#isInReach(server) && this.#isATotal(server));
    const isBelieved = isPlausible && !isDamaged;
    return this.#byOutput(isBelieved ? server : { ...server, total: undefined, hidden: 0 }, !isBelieved);
  }

  /** Whether the listed tokens match the total, except for one end token that may not be listed. */
  #agrees(listed: number, total: number): boolean {
    return total === listed || (total === listed + 1 && this.#empties.length > 0);
  }

  /** Whether running counts were present, rose with every event with output, and reached the total. */
  #countsHold({ total, prompt, isDamaged }: ServerCounts): boolean {
    if (this.#counts.length === 0) return false;
    const [first = 0, ...later] = this.#counts;
    const countsPrompt =
      prompt !== undefined &&
      first > prompt &&
      later.every((count, index) => count - (index === 0 ? first : (later[index - 1] ?? first)) <= 1);
    const counted = this.#risen + (this.#lastIsRest && this.#risen > 0 ? 1 : 0);
    return (
      !isDamaged &&
      !(countsPrompt && later.length > 0) &&
      this.#counts.at(-1) === total &&
      counted === this.#count
    );
  }

  /** Whether the last count can be the reply's total although the earlier counts are inconsistent. */
  #isATotal({ total, isSeparate }: ServerCounts): boolean {
    if (isSeparate || this.#counts.length < 2) return true;
    return total !== undefined && this.#counts.slice(0, -1).every((count) => count < total);
  }

  /** Whether a count is plausible, given the request and what arrived. */
  #isInReach({ total = 0, asked }: ServerCounts): boolean {
    return total <= Math.max(asked + 1, mostTokensPerEvent * (this.#count + this.#empties.length));
  }

  #byCounts({ hidden, hidesMore }: ServerCounts): Settled {
    const timesMs: number[] = [];
    const counts: number[] = [];
    for (const [index, count] of this.#counts.entries()) {
      if (count === (counts.at(-1) ?? 0)) continue;
      counts.push(count);
      timesMs.push(this.#countTimesMs[index] ?? Number.NaN);
    }
    const tokens = counts.at(-1) ?? 0;
    return {
      ...spanOf(Float64Array.from(timesMs), [0], tokens),
      tokens,
      counts: Uint32Array.from(counts),
      usageConflicts: false,
      isDoubtful: false,
      bounds: undefined,
      hidesTokens: hidden > 0 || (hidesMore && tokens > this.#count),
    };
  }

  #byOutput(server: ServerCounts, usageConflicts: boolean): Settled {
    const { total, hidden, hidesMore, sentShare } = server;
    const seen = this.#timesMs.subarray(0, this.#count);
    const empties = this.#candidates();
    // A server that sends one candidate of several may count only that one.
    const share = Math.round(sentShare * ((total ?? 0) - hidden));
    const sent = total === undefined ? undefined : hidesMore ? this.#count : Math.max(this.#count, share);
    const placed = placeEmptyEvents(empties, seen, sent);
    const several = this.#choices !== undefined || hasOtherChoice(placed.chosen);
    const merged = placed.chosen.length === 0 && !several ? undefined : this.#merge(placed.chosen);
    const timesMs = merged?.timesMs ?? seen;
    const sentTokens = sent ?? (placed.isCountless || timesMs.length === 0 ? undefined : timesMs.length);
    const { starts, firstMs, lastMs, decodeMs, decodeSteps, instants } = spanOf(
      timesMs,
      merged?.starts ?? [0],
      sentTokens,
    );
    // If only the end of the reply arrived, it is unknown when the tokens were generated.
    const { hidesFirst } = placed;
    return {
      tokens: total ?? sentTokens,
      sentTokens,
      timesMs,
      starts,
      counts: undefined,
      firstMs: hidesFirst ? Number.NaN : firstMs,
      lastMs,
      decodeMs: hidesFirst ? Number.NaN : decodeMs,
      decodeSteps: hidesFirst ? 0 : decodeSteps,
      instants,
      usageConflicts,
      isDoubtful: placed.isDoubtful,
      bounds: several || hasOtherChoice(empties) ? undefined : placed.bounds,
      hidesTokens: hidden > 0 || (hidesMore && (total ?? 0) > this.#count),
    };
  }

  /** The events without output. If every event has a role, the first one is like the others. */
  #candidates(): readonly EmptyEvent[] {
    if (!this.#roleIsEverywhere) return this.#empties;
    return this.#empties.map((event) =>
      event.kind === 'opening' ? { ...event, kind: 'empty' as const } : event,
    );
  }

  /** Times of the arrivals and of the empty events among them, by choice, ascending. */
  #merge(empties: readonly EmptyEvent[]): { timesMs: Float64Array; starts: number[] } {
    const all = empties.map(({ atMs, choice }) => ({ atMs, choice }));
    for (let index = 0; index < this.#count; index++) {
      all.push({ atMs: this.#timesMs[index] ?? Number.NaN, choice: this.#choices?.[index] ?? 0 });
    }
    all.sort((a, b) => a.choice - b.choice || a.atMs - b.atMs);
    const starts = all.flatMap(({ choice }, index) => (choice === all[index - 1]?.choice ? [] : [index]));
    return { timesMs: Float64Array.from(all, ({ atMs }) => atMs), starts };
  }

  #recordCount(atMs: number, count: number): void {
    this.#counts.push(count);
    this.#countTimesMs.push(atMs);
  }

  #grow(): void {
    if (this.#count > this.#most) this.#runaway();
    const grown = new Float64Array(2 * this.#timesMs.length);
    grown.set(this.#timesMs);
    this.#timesMs = grown;
    if (this.#choices === undefined) return;
    const choices = new Uint16Array(grown.length);
    choices.set(this.#choices);
    this.#choices = choices;
  }

  #runaway(): never {
    throw new BrokenReply(
      'runaway-reply',
      `the reply continues after ${this.#count + this.#empties.length} chunks, far more than requested`,
    );
  }
}

function hasOtherChoice(events: readonly EmptyEvent[]): boolean {
  for (const { choice } of events) if (choice !== 0) return true;
  return false;
}

/** Times of the same read are equal; those of two reads differ by more than this, in milliseconds. */
const sameInstantMs = 0.05;

type Span = Pick<
  Settled,
  'timesMs' | 'starts' | 'sentTokens' | 'firstMs' | 'lastMs' | 'decodeMs' | 'decodeSteps' | 'instants'
>;

/** First, last and decoding time of tokens that arrived at `timesMs`. */
function spanOf(timesMs: Float64Array, starts: readonly number[], sentTokens: number | undefined): Span {
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  let decodeMs = 0;
  let instants = 0;
  for (let choice = 0; choice < starts.length; choice++) {
    const start = starts[choice] ?? 0;
    const end = starts[choice + 1] ?? timesMs.length;
    const first = timesMs[start] ?? Number.NaN;
    const last = timesMs[end - 1] ?? Number.NaN;
    firstMs = Math.min(firstMs, first);
    lastMs = Math.max(lastMs, last);
    decodeMs += last - first;
    let beforeMs = Number.NEGATIVE_INFINITY;
    for (let at = start; at < end; at++) {
      const atMs = timesMs[at] ?? Number.NaN;
      if (atMs - beforeMs > sameInstantMs) instants++;
      beforeMs = atMs;
    }
  }
  // Tokens that all arrived at once have no time between them.
  const cameAtOnce = instants <= starts.length;
  const decodeSteps = sentTokens === undefined || cameAtOnce ? 0 : Math.max(0, sentTokens - starts.length);
  return { timesMs, starts, sentTokens, firstMs, lastMs, decodeMs, decodeSteps, instants };
}
