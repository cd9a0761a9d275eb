import { namesFailure, speaksOfFailure } from '../backends/failure-words.ts';
import type { Backend, ChoiceReading, CountsReading, PriorReply } from '../backends/index.ts';
import { isRecord } from '../backends/json-fields.ts';
import { complaintIn, messageIn, textIn } from '../backends/server-messages.ts';
import { PackedBody } from '../http/packed-body.ts';
import type { ResponseHead } from '../http/response-parser.ts';
import { retryAfterSeconds } from '../http/retry-after.ts';
import { type EventHandler, EventScanner, type Oddity } from '../sse/event-scanner.ts';
import { JsonBody, type JsonHandler } from '../sse/json-body.ts';
import { Arrivals, type Settled } from './arrivals.ts';
import { type BodyForm, bodyForm, isUsualType, startOfText } from './body-form.ts';
import { parseBounded } from './bounded-json.ts';
import { BrokenReply } from './broken-reply.ts';
import { endingOf, isByLength, shownReason } from './finish-reasons.ts';
import { noHead, type ReplyHead, readHead } from './reply-head.ts';

/** Why a reply that ended is a failure. */
export interface ReplyFailure {
  readonly class: string;
  readonly message: string;
}

/** Something about a reply that is worth a word and no failure. */
export interface ReplyNote {
  readonly class: string;
  readonly message: string;
}

/** What a reply is an answer to. */
export interface AskedReply {
  /** Tokens asked for, of each choice. */
  readonly outputTokens: number;
  /** Choices asked for: `n` of the request. */
  readonly choices: number;
  /** Candidates that the server generates and counts: `best_of` of the request, at least `choices`. */
  readonly candidates: number;
  readonly keepText: boolean;
}

const maximumExampleBytes = 300;
/** No server sends more than this, and a share for each token, in one reply: SGLang repeats all text with each. */
const bodyBytesAllowed = 256 * 1024 * 1024;
const bodyBytesPerToken = 65_536;
/** A new text that begins with all of an earlier one of this length repeats it. */
const leastRepeatedCharacters = 8;
/** An id that is shared by this many events on average is one of a reply, not of an event. */
const leastEventsOfId = 3;
/** Chunks of a reasoning bring this many tokens at most; with more, they are but a summary of it. */
const mostTokensPerThought = 4;
const maximumKeptCharacters = 8 * 1024 * 1024;
/** No usage, and no token after the end of a reply, is longer. */
const mostLateCharacters = 16_384;
/** No reply has more events than these, and some for each token; heartbeats are among them. */
const eventsAllowed = 100_000;
const eventsPerToken = 4;
/** No body begins with more white space. */
const mostLeadingBytes = 1_000_000;
const keepAliveWord = /^(ping|pong|heart-?beat|keep-?alive|\.+|:)$/i;
const doneWord = /^"?\[done\]"?$/i;
const longestDone = 8;
/** More events than this are not one list of them. */
const mostEventsInList = 65_536;

/**
 * What a server answers to one request: reads the response as it comes and keeps its times and counts. One object
 * serves all requests of a stream, so that reading tokens allocates nothing.
 */
export class Reply implements EventHandler, JsonHandler {
  readonly #backend: Backend;
  readonly #scanner: EventScanner;
  readonly #arrivals = new Arrivals();
  readonly #prior: PriorReply;
  readonly #received = Buffer.alloc(maximumExampleBytes);
  #asked: AskedReply = { outputTokens: 1, choices: 1, candidates: 1, keepText: false };
  #packed: PackedBody | undefined;
  /** All bytes of the body have come, if perhaps not been unpacked. */
  #hasEnded = false;
  #json: JsonBody | undefined;
  #form: BodyForm | undefined;
  #head: ReplyHead = noHead;
  #receivedLength = 0;
  #bodyBytes = 0;
  #mostBodyBytes = 0;
  /** The form of the body is not known, or the first bytes are not all kept. */
  #isBeginning = true;

  // What the server counted.
  #counts: CountsReading = {};
  #countsAreSeparate = false;
  #countsAreDamaged = false;
  #choiceCounts: number[] = [];
  /** Tokens listed by id or counted by choice, so far, and the events with output that did so. */
  #listedTokens = 0;
  #listingEvents = 0;
  /** Events with output before the last count that stood in an event of its own. */
  #outputsAtCount = 0;

  // How it goes on and ends.
  #answers: string[] = [];
  readonly #seen = new Set<number>();
  readonly #finished = new Set<number>();
  #isDone = false;
  /** Events came in a list: in a body of JSON it is all of the reply. */
  #isList = false;
  #failure: ReplyFailure | undefined;
  #lastEventMs = 0;
  /** When anything but plain tokens last came, a usage included; 0 before the first. */
  #lastReadMs = 0;
  /** When the last choice to finish did. */
  #finishMs = Number.NaN;
  /** Events that were read one by one. */
  #events = 0;
  #mostEvents = 0;
  /** The choice of the last event that was plain. */
  #plainChoice = 0;

  /** 0 until the head has come. */
  status = 0;
  /** What was said, if it is kept. */
  text = '';
  /** When the first visible text came, of an answer or of a reasoning; NaN before it. */
  firstTextMs = Number.NaN;
  /** When the answer began after a reasoning; NaN without one. */
  firstAnswerMs = Number.NaN;
  #hasReasoned = false;
  /** Tokens of a reasoning, and of a prediction that was rejected, among those that the server counted. */
  #reasoningTokens = 0;
  #rejectedTokens = 0;
  /** Chunks before the answer. */
  #reasoningChunks = 0;
  /** An answer came that was not a whole message: a whole one behind it repeats it. */
  #speaksInParts = false;
  /** The server says that it keeps some of the output to itself. */
  #hidesTokens = false;
  /** The line that had not ended when the body did. */
  #unfinished = '';
  /** When the protocol said that the reply is over; NaN until it has. */
  overMs = Number.NaN;
  /** Events that could not be read. */
  unreadable = 0;
  /** The reply came as one text of JSON: when its tokens came is not known. */
  isUnstreamed = false;
  /** It ended with an unknown finish reason. */
  hasUnknownEnding = false;
  /** A choice ended because it was as long as asked. */
  endedByLength = false;
  #id = '';
  #idChanges = 0;
  /** Output came after the server had said that the reply is over; it is not counted. */
  wentOnAfterEnd = false;
  /** What is worth a word about the reply. */
  notes: ReplyNote[] = [];
  /** Seconds the server asks to wait before the next request; 0 for none. */
  retryAfterS = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#scanner = new EventScanner(backend.textKeys);
    this.#prior = priorOf(this.#answers, () => this.#counts.completionTokens ?? 0);
  }

  /** Events with generated output so far. */
  get chunks(): number {
    return this.#arrivals.count;
  }

  /** When something of the reply last came: output, or an event that may be a token; 0 before the first. */
  get lastProgressMs(): number {
    return Math.max(this.#arrivals.lastMs, this.#lastEventMs);
  }

  /** When an event of the reply last came, whatever it held; 0 before the first. */
  get lastEventMs(): number {
    return Math.max(this.#arrivals.lastMs, this.#lastReadMs);
  }

  /** The server's own counts. */
  get promptTokens(): number | undefined {
    return this.#counts.promptTokens;
  }

  get completionTokens(): number | undefined {
    return this.#counts.completionTokens ?? (this.#listedTokens > 0 ? this.#listedTokens : undefined);
  }

  get cachedTokens(): number | undefined {
    return this.#counts.cachedTokens;
  }

  /** Its id changed now and then: not with each event, as some servers have it. */
  get wasBegunAgain(): boolean {
    return this.#idChanges > 0 && this.#idChanges * leastEventsOfId < this.chunks;
  }

  get choicesAsked(): number {
    return this.#asked.choices;
  }

  /** A choice has no finish reason although its protocol has them. */
  get lacksFinish(): boolean {
    const { endsWithoutMark, hasLastEvent } = this.#backend;
    return endsWithoutMark !== true && hasLastEvent !== true && this.#finished.size < this.choices;
  }

  /** How many choices were seen. */
  get choices(): number {
    return Math.max(1, this.#seen.size);
  }

  /** Whether the protocol has said that the reply is over, by its end mark or a failure: no more output comes. */
  get isOver(): boolean {
    return !Number.isNaN(this.overMs);
  }

  /**
   * Whether all choices have finished and are counted. More may come all the same: some servers finish each event, or
   * a reasoning before the answer.
   */
  get isCounted(): boolean {
    return (
      this.#choicesFinished &&
      this.#finished.size >= this.#asked.choices &&
      this.#backend.hasLastEvent !== true &&
      !this.lacksCounts
    );
  }

  /** When the reply ended if its body, or the wait for it, ended at `atMs`. */
  endMs(atMs: number): number {
    if (this.isOver) return this.overMs;
    return this.isCounted ? this.#finishMs : atMs;
  }

  /** Whether nothing but a late usage is read any more. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Whether a count of tokens may still come, even after `[DONE]`. */
  get lacksCounts(): boolean {
    return this.completionTokens === undefined && this.#backend.countsNoTokens !== true;
  }

  /** Whether the reply has all that its protocol asks for, so that an end of the connection cuts nothing off. */
  get isWhole(): boolean {
    if (this.#isDone || this.#backend.endsWithoutMark === true) return true;
    return this.#backend.hasLastEvent !== true && this.#choicesFinished;
  }

  /** Makes ready for the reply to a request; `close` must have been called for the one before. */
  reset(asked: AskedReply): void {
    this.#asked = asked;
    this.#arrivals.reset(asked.outputTokens * asked.choices);
    this.#head = noHead;
    this.#form = undefined;
    this.#json = undefined;
    this.#receivedLength = 0;
    this.#bodyBytes = 0;
    this.#mostBodyBytes = bodyBytesAllowed + bodyBytesPerToken * asked.outputTokens * asked.choices;
    this.#isBeginning = true;
    this.#counts = {};
    this.#countsAreSeparate = false;
    this.#countsAreDamaged = false;
    if (this.#choiceCounts.length > 0) this.#choiceCounts = [];
    this.#listedTokens = 0;
    this.#listingEvents = 0;
    this.#outputsAtCount = 0;
    this.hasUnknownEnding = false;
    this.endedByLength = false;
    this.#id = '';
    this.#idChanges = 0;
    this.#answers.length = 0;
    this.#seen.clear();
    this.#finished.clear();
    this.#isDone = false;
    this.#isList = false;
    this.#hasEnded = false;
    this.#failure = undefined;
    this.#lastEventMs = 0;
    this.#lastReadMs = 0;
    this.#finishMs = Number.NaN;
    this.#events = 0;
    this.#mostEvents = eventsAllowed + eventsPerToken * asked.outputTokens * asked.choices;
    this.wentOnAfterEnd = false;
    this.status = 0;
    this.text = '';
    this.firstTextMs = Number.NaN;
    this.firstAnswerMs = Number.NaN;
    this.#hasReasoned = false;
    this.#reasoningTokens = 0;
    this.#rejectedTokens = 0;
    this.#hidesTokens = false;
    this.#speaksInParts = false;
    this.#unfinished = '';
    this.#reasoningChunks = 0;
    this.overMs = Number.NaN;
    this.unreadable = 0;
    this.isUnstreamed = false;
    if (this.notes.length > 0) this.notes = [];
    this.retryAfterS = 0;
  }

  /** Lets go of what is held of a body. */
  close(): void {
    this.#scanner.reset();
    this.#packed?.close();
    this.#packed = undefined;
    this.#json = undefined;
  }

  /**
   * Reads the head. For a packed body `onUnpacked` is called after `end` when all of it was read, or `onBroken` if it
   * cannot be read on.
   */
  head(
    head: ResponseHead,
    { onUnpacked, onBroken }: { onUnpacked: () => void; onBroken: (error: unknown) => void },
  ): void {
    this.status = head.status;
    this.#head = readHead(head);
    if (!this.#isGood) this.retryAfterS = retryAfterSeconds(head.headers, Date.now()) ?? 0;
    const { packing } = this.#head;
    if (packing !== undefined) {
      let isBroken = false;
      const guarded = (read: () => void): void => {
        if (isBroken) return;
        try {
          read();
        } catch (error) {
          isBroken = true;
          onBroken(error);
        }
      };
      this.#packed = new PackedBody(
        packing.unpacker,
        (bytes, atMs) => guarded(() => this.#read(bytes, 0, bytes.length, atMs)),
        (error) => {
          const failureClass = `malformed-${packing.name}`;
          // Before its end more of the body is on its way: the connection cannot carry another reply.
          if (error !== undefined && !this.#hasEnded) onBroken(new BrokenReply(failureClass, error.message));
          else {
            if (error !== undefined) this.#failure ??= { class: failureClass, message: error.message };
            guarded(onUnpacked);
          }
        },
      );
    }
  }

  body(buffer: Buffer, start: number, end: number, atMs: number): void {
    if (this.#packed === undefined) this.#read(buffer, start, end, atMs);
    else this.#packed.push(buffer, start, end, atMs);
  }

  /** The response is whole. Returns whether all of it was read; if not, `onUnpacked` will be called. */
  end(): boolean {
    this.#hasEnded = true;
    this.#packed?.end();
    return this.#packed === undefined;
  }

  /** Calls back once all that has come is read; returns false, and never calls, if it is already. */
  whenRead(onRead: () => void): boolean {
    return this.#packed?.whenIdle(onRead) ?? false;
  }

  /**
   * What is wrong with the reply, now that it has ended; undefined for a good one. Throws BrokenReply if its last bytes
   * cannot be read.
   */
  conclude(atMs: number): ReplyFailure | undefined {
    if (this.#form === 'events') {
      this.#unfinished = this.#scanner.unfinishedLine;
      this.#scanner.end(atMs, this);
    }
    if (this.#json !== undefined) {
      this.#json.end(atMs, this);
      if (this.#json.lines === 1 && this.#isGood) {
        this.isUnstreamed = true;
        // A list of events ends with its bracket.
        if (this.#isList) this.#isDone = true;
      }
    }
    if (!this.#isGood) {
      return { class: `http-${this.status}`, message: this.#refusal() };
    }
    const { contentType, unknownEncoding } = this.#head;
    if (unknownEncoding !== undefined) return { class: 'content-encoding', message: unknownEncoding };
    if (this.#failure !== undefined) return this.#failure;
    if (this.#form === 'other') {
      const type = contentType === '' ? 'no content-type' : `content-type ${JSON.stringify(contentType)}`;
      return { class: 'wrong-content-type', message: `not a stream of events (${type}): ${this.#example()}` };
    }
    if (this.unreadable > 0 && this.chunks === 0) {
      return { class: 'malformed-event', message: `no event could be read; ${this.#receivedText()}` };
    }
    if (!this.isWhole) {
      return { class: 'cut-off', message: `the reply ended without an end mark ${this.progressText()}` };
    }
    if (this.chunks === 0 && (this.completionTokens ?? 0) === 0) {
      return { class: 'empty-reply', message: `the reply has no token; ${this.#receivedText()}` };
    }
    return undefined;
  }

  /** Tokens and times of a good reply; `promptTokens` is what is known of its prompt. */
  settle(promptTokens: number | undefined): Settled {
    const { outputTokens, choices, candidates } = this.#asked;
    const { count } = this.#arrivals;
    const { completionTokens: total } = this;
    return this.#arrivals.settle({
      // A rejected prediction is no output, though some servers count it.
      total: total === undefined ? undefined : total - this.#rejectedTokens,
      listed: this.#listingEvents > 0 && this.#listingEvents === count ? this.#listedTokens : undefined,
      isSeparate: this.#countsAreSeparate,
      // A count before the last of the output is not that of the reply.
      isDamaged: this.#countsAreDamaged || (this.#countsAreSeparate && count > this.#outputsAtCount),
      prompt: promptTokens,
      hidden: this.#hiddenTokens,
      hidesMore: this.#hidesTokens,
      asked: outputTokens * candidates,
      sentShare: choices / candidates,
    });
  }

  /** Tokens of a reasoning that was not sent, or of which only a summary was. */
  get #hiddenTokens(): number {
    const shown = Number.isNaN(this.firstAnswerMs) ? this.chunks : this.#reasoningChunks;
    if (!this.#hasReasoned) return this.#reasoningTokens;
    return this.#reasoningTokens > mostTokensPerThought * shown ? this.#reasoningTokens - shown : 0;
  }

  /** How far the reply came, its first bytes and a line that broke off, for messages of failure. */
  progressText(): string {
    const unfinished = this.#unfinished || this.#scanner.unfinishedLine;
    const end =
      unfinished === '' || this.#bodyBytes <= maximumExampleBytes ? '' : `; at its end: ${unfinished}`;
    return `after ${this.chunks} ${this.chunks === 1 ? 'chunk' : 'chunks'}; ${this.#receivedText()}${end}`;
  }

  onPlainToken(atMs: number): void {
    this.#arrivals.plain(atMs);
  }

  onLearn(): void {
    this.#arrivals.plainChoice = this.#plainChoice;
  }

  onJsonLine(line: string, atMs: number): void {
    this.onEvent(line, '', atMs);
  }

  onOddity(oddity: Oddity): void {
    this.#unusual(oddity);
  }

  #unusual(what: string): void {
    if (this.notes.some(({ message }) => message === what)) return;
    this.notes.push({ class: 'unusual-stream', message: what });
  }

  onEvent(data: string, name: string, atMs: number): boolean {
    if (++this.#events > this.#mostEvents) {
      throw new BrokenReply('runaway-reply', `the reply goes on after ${this.#mostEvents} events`);
    }
    this.#lastReadMs = atMs;
    const text = data.trim();
    if (text === '[DONE]' || (text.length <= longestDone && doneWord.test(text))) {
      this.#endAt(atMs);
      return false;
    }
    if (this.#isDone) {
      this.#readLateEvent(text, name, atMs);
      return false;
    }
    const isNamedError = namesFailure(name);
    if (text === '' && !isNamedError) return false;
    const json = parseBounded(text);
    if (isNamedError && (json === undefined || /^error$/i.test(name))) {
      const saysNothing = text === '' ? `an event "${name}" without a message` : `event "${name}": ${text}`;
      this.#fail('server-error', messageIn(json) ?? saysNothing, atMs);
      return false;
    }
    if (json === undefined) {
      if (keepAliveWord.test(name)) return false;
      this.#readWords(text, !/^[{["]/.test(text), atMs);
      return false;
    }
    return this.#readJson(json, name, atMs);
  }

  /** Reads an event, also one in a list or in a text of JSON. */
  #readJson(json: unknown, name: string, atMs: number): boolean {
    if (typeof json === 'string') {
      const inner = parseBounded(json);
      if (isRecord(inner)) {
        this.#unusual('events are JSON inside a text of JSON');
        this.#readJson(inner, name, atMs);
      } else if (!keepAliveWord.test(name)) this.#readWords(json.trim(), true, atMs);
      return false;
    }
    if (!Array.isArray(json)) return this.#readEvent(json, name, atMs);
    if (json.length > mostEventsInList) {
      throw new BrokenReply('malformed-event', `a list of ${json.length} events is longer than any reply`);
    }
    if (json.length > 0) {
      this.#isList = true;
      this.#unusual('events come in lists');
    }
    for (const event of json) this.#readJson(event, name, atMs);
    return false;
  }

  /** Reads what should be an event and is not one. */
  #readWords(text: string, isSentence: boolean, atMs: number): void {
    if (text === '' || keepAliveWord.test(text)) return;
    if (isSentence && speaksOfFailure(text)) this.#fail('server-error', text, atMs);
    else this.#unreadableEvent(text, atMs);
  }

  #readEvent(json: unknown, name: string, atMs: number): boolean {
    const reading = this.#backend.read(json, this.#prior, name);
    const { choices, counts, isLast, error, isUnknown } = reading;
    // `error: true` says only that something is wrong: what it is stands beside it.
    const hasOutput = choices.some(isOutput);
    const isUntold = error === 'true' || (error === undefined && !hasOutput);
    const complaint = isUntold
      ? (complaintIn(json, isUnknown === true ? 'unknown' : 'known') ?? error)
      : error;
    if (complaint !== undefined) {
      this.#fail('server-error', complaint, atMs);
      return false;
    }
    if (isUnknown === true && textIn(json) !== undefined) this.#unreadableEvent(JSON.stringify(json), atMs);
    // Thoughts that are shown are signed, too.
    if (reading.hidesTokens === true && !this.#hasReasoned) this.#hidesTokens = true;
    if (hasOutput) this.#readId(json);
    if (counts !== undefined) this.#readCounts(counts, choices.length === 0);
    for (const choice of choices) this.#readChoice(choice, counts, atMs);
    if (isLast === true) this.#endAt(atMs);
    const only = choices[0];
    if (only === undefined || choices.length > 1 || !isPlain(only) || only.isWhole === true) return false;
    this.#plainChoice = only.index;
    return (
      counts === undefined && isLast !== true && !this.#asked.keepText && this.#backend.repeatsText !== true
    );
  }

  #readId(json: unknown): void {
    const id = isRecord(json) ? json.id : undefined;
    if (typeof id !== 'string' || id === '' || id === this.#id) return;
    if (this.#id !== '') this.#idChanges++;
    this.#id = id;
  }

  #readChoice(choice: ChoiceReading, counts: CountsReading | undefined, atMs: number): void {
    const { index, answer, reasoning, finish, error } = choice;
    const isFirst = !this.#seen.has(index);
    if (isFirst) this.#seen.add(index);
    if (choice.hasRole === true && !isFirst) this.#arrivals.roleAgain();
    const counted = this.#countSoFar(choice) ?? counts?.completionTokens;
    const isRepeat = choice.isWhole === true && this.#speaksInParts;
    const isToken = !isRepeat && isOutput(choice);
    if (isToken) {
      if (choice.isWhole !== true && reasoning === '') this.#speaksInParts = true;
      // The finish before it was none.
      this.#finished.delete(index);
      this.#arrivals.output(atMs, index, counted);
      if (choice.tokens !== undefined) this.#listingEvents++;
    } else {
      const isOpening = isFirst && choice.hasRole === true && choice.hasUnknownText !== true;
      const kind = finish === undefined ? (isOpening ? 'opening' : 'empty') : 'finish';
      const endsByLength = finish !== undefined && isByLength(finish);
      this.#arrivals.empty({ atMs, choice: index, kind, isByLength: endsByLength }, counted);
      this.#lastEventMs = atMs;
    }
    if (isToken && (answer !== '' || reasoning !== '')) this.#readText(index, answer, reasoning, atMs);
    if (isToken && reasoning !== '') this.#hasReasoned = true;
    else if (this.#hasReasoned && isToken && Number.isNaN(this.firstAnswerMs)) {
      this.firstAnswerMs = atMs;
      this.#reasoningChunks = this.chunks - 1;
    }
    if (error !== undefined) this.#fail('server-error', error, atMs);
    if (finish !== undefined) this.#finish(index, finish, atMs);
  }

  #readText(choice: number, answer: string, reasoning: string, atMs: number): void {
    if (Number.isNaN(this.firstTextMs)) this.firstTextMs = atMs;
    if (this.#backend.repeatsText === true) this.#answers[choice] = (this.#answers[choice] ?? '') + answer;
    if (!this.#asked.keepText || this.text.length >= maximumKeptCharacters) return;
    // A server that repeats all text with each event has said it once.
    const isRepeated = this.text.length >= leastRepeatedCharacters && answer.startsWith(this.text);
    this.text = isRepeated ? answer : this.text + reasoning + answer;
  }

  /** Tokens of the whole reply after an event that lists its tokens, or counts those of its choice. */
  #countSoFar({ index, tokens, tokensSoFar }: ChoiceReading): number | undefined {
    if (tokensSoFar !== undefined) {
      const before = this.#choiceCounts[index] ?? 0;
      if (tokensSoFar < before) this.#countsAreDamaged = true;
      this.#choiceCounts[index] = tokensSoFar;
      this.#listedTokens += tokensSoFar - before;
      return this.#listedTokens;
    }
    if (tokens === undefined) return undefined;
    this.#listedTokens += tokens;
    return this.#listedTokens;
  }

  #readCounts(counts: CountsReading, isSeparate: boolean): void {
    const { completionTokens: before = 0 } = this.#counts;
    if (counts.isDamaged === true || (counts.completionTokens ?? before) < before)
      this.#countsAreDamaged = true;
    const earlier = this.#counts;
    this.#reasoningTokens = counts.reasoningTokens ?? this.#reasoningTokens;
    this.#rejectedTokens = counts.rejectedTokens ?? this.#rejectedTokens;
    if (counts.completionTokens !== undefined) {
      const { count } = this.#arrivals;
      const isRepeated = isSeparate && this.#countsAreSeparate && count === this.#outputsAtCount;
      if (isRepeated && earlier.completionTokens !== counts.completionTokens) this.#countsAreDamaged = true;
      this.#countsAreSeparate = isSeparate;
      this.#outputsAtCount = count;
    }
    this.#counts = {
      completionTokens: counts.completionTokens ?? earlier.completionTokens,
      promptTokens: counts.promptTokens ?? earlier.promptTokens,
      cachedTokens: counts.cachedTokens ?? earlier.cachedTokens,
    };
  }

  /** All that is of use after `[DONE]` is a usage that did not come before it; that output comes is worth a word. */
  #readLateEvent(text: string, name: string, atMs: number): void {
    const isUsageKnown = this.#counts.completionTokens !== undefined;
    if ((isUsageKnown && this.wentOnAfterEnd) || text.length > mostLateCharacters) return;
    const json = parseBounded(text);
    if (json === undefined) return;
    const { choices, counts } = this.#backend.read(json, this.#prior, name);
    if (choices.some(isOutput)) this.wentOnAfterEnd = true;
    if (isUsageKnown || counts?.completionTokens === undefined) return;
    this.#readCounts(counts, true);
    this.overMs = atMs;
  }

  #finish(choice: number, reason: string, atMs: number): void {
    this.#finished.add(choice);
    this.#finishMs = atMs;
    // A token of this choice that comes all the same must be seen.
    this.#scanner.forget();
    if (isByLength(reason)) this.endedByLength = true;
    const { kind } = endingOf(reason);
    if (kind === 'failed')
      this.#fail('server-gave-up', `the server ended the reply with reason ${shownReason(reason)}`, atMs);
    else if (kind === 'unknown' && !this.hasUnknownEnding) {
      this.hasUnknownEnding = true;
      this.notes.push({ class: 'unknown-finish-reason', message: `finish reason ${shownReason(reason)}` });
    }
  }

  #fail(failureClass: string, message: string, atMs: number): void {
    this.#failure ??= { class: failureClass, message: message.slice(0, maximumExampleBytes) };
    if (Number.isNaN(this.overMs)) this.overMs = atMs;
  }

  #unreadableEvent(text: string, atMs: number): void {
    this.unreadable++;
    this.#arrivals.empty({ atMs, choice: 0, kind: 'unreadable' }, undefined);
    this.#lastEventMs = atMs;
    if (this.unreadable > 1) return;
    this.notes.push({
      class: 'malformed-event',
      message: `not an event of JSON: ${text.slice(0, maximumExampleBytes)}`,
    });
  }

  get #choicesFinished(): boolean {
    return this.#finished.size > 0 && this.#finished.size >= this.#seen.size;
  }

  /** The server has said that no more output comes. */
  #endAt(atMs: number): void {
    this.#isDone = true;
    if (Number.isNaN(this.overMs)) this.overMs = atMs;
    // Nothing that comes now is a token of the reply.
    this.#scanner.forget();
  }

  get #isGood(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  #read(buffer: Buffer, start: number, end: number, atMs: number): void {
    this.#bodyBytes += end - start;
    if (this.#bodyBytes > this.#mostBodyBytes) {
      const megabytes = Math.round(this.#bodyBytes / 2 ** 20);
      throw new BrokenReply(
        'runaway-reply',
        `the body goes on after ${megabytes} MiB, far more than requested`,
      );
    }
    const from = this.#isBeginning ? this.#begin(buffer, start, end) : start;
    if (this.#form === 'events') this.#scanner.push(buffer, from, end, atMs, this);
    else this.#json?.push(buffer, from, end, atMs, this);
  }

  /** Keeps the first bytes of a body and decides what it is. Returns where it begins, `end` if it has not. */
  #begin(buffer: Buffer, start: number, end: number): number {
    if (this.#head.unknownEncoding !== undefined) return end;
    if (this.#receivedLength < maximumExampleBytes) {
      this.#receivedLength += buffer.copy(this.#received, this.#receivedLength, start, end);
    }
    let from = start;
    if (this.#form === undefined && this.#isGood) {
      from = startOfText(buffer, start, end);
      if (from < end) this.#decideForm(buffer[from] ?? 0);
    }
    if (this.#form === undefined && this.#isGood && this.#bodyBytes > mostLeadingBytes) {
      throw new BrokenReply('runaway-reply', `the body begins with ${this.#bodyBytes} bytes of white space`);
    }
    this.#isBeginning = this.#form === undefined || this.#receivedLength < maximumExampleBytes;
    return from;
  }

  /** Decides by its first byte and its type what a body is. */
  #decideForm(byte: number): void {
    const { contentType } = this.#head;
    this.#form = bodyForm(byte, contentType);
    if (this.#form === 'json') this.#json = new JsonBody();
    if (this.status !== 200) this.notes.push({ class: 'unusual-status', message: `status ${this.status}` });
    if (!isUsualType(this.#form, contentType)) {
      const type = contentType === '' ? 'none' : contentType;
      const what = this.#form === 'json' ? 'JSON' : 'a stream of events';
      this.notes.push({ class: 'unusual-content-type', message: `content-type of ${what}: ${type}` });
    }
  }

  /** What a status that is no success says by its head or its body. */
  #refusal(): string {
    const status = `status ${this.status}`;
    const { redirect, unknownEncoding } = this.#head;
    if (redirect !== undefined) return redirect;
    if (unknownEncoding !== undefined) return `${status}, ${unknownEncoding}`;
    return this.#example() || status;
  }

  #example(): string {
    return this.#received.toString('utf8', 0, this.#receivedLength).replace(/\s+/g, ' ').trim();
  }

  #receivedText(): string {
    const example = this.#example();
    return example === '' ? 'nothing was received' : `received: ${example}`;
  }
}

function priorOf(answers: readonly string[], completionTokens: () => number): PriorReply {
  return {
    answer: (choice) => answers[choice] ?? '',
    get completionTokens() {
      return completionTokens();
    },
  };
}

/** Whether an event of a choice brings text and nothing else, as most do. */
function isPlain({
  answer,
  reasoning,
  hasOtherOutput,
  tokens,
  tokensSoFar,
  finish,
  error,
}: ChoiceReading): boolean {
  return (
    (answer === '') !== (reasoning === '') &&
    hasOtherOutput !== true &&
    tokens === undefined &&
    tokensSoFar === undefined &&
    finish === undefined &&
    error === undefined
  );
}

/** Whether an event of a choice brings generated output. */
function isOutput({ answer, reasoning, hasOtherOutput, tokens }: ChoiceReading): boolean {
  return answer !== '' || reasoning !== '' || hasOtherOutput === true || (tokens ?? 0) > 0;
}
