import { namesFailure, speaksOfFailure } from '../backends/failure-words.ts';
import type { Backend, ChoiceReading, CountsReading, Pooling, PriorReply } from '../backends/index.ts';
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

/** Why a completed response is a failure. */
export interface ReplyFailure {
  readonly class: string;
  readonly message: string;
}

/** Something about a reply that is worth reporting but not a failure. */
export interface ReplyNote {
  readonly class: string;
  readonly message: string;
}

/** The request that a reply belongs to. */
export interface AskedReply {
  /** Tokens requested, per choice. */
  readonly outputTokens: number;
  /** Choices requested: `n` of the request. */
  readonly choices: number;
  /** Candidates that the server generates and counts: `best_of` of the request, at least `choices`. */
  readonly candidates: number;
  /** Inputs of a request to a backend that pools; undefined if unknown. */
  readonly inputs?: number | undefined;
  readonly keepText: boolean;
  /** Keeps the answer of the first choice, without reasoning. */
  readonly keepAnswer?: boolean;
}

const maximumExampleBytes = 300;
/** The allowed size of a reply, plus a part for each token: SGLang repeats the whole text with each token. */
const bodyBytesAllowed = 256 * 1024 * 1024;
const bodyBytesPerToken = 65_536;
/** A text that starts with an entire earlier one of at least this length repeats it. */
const leastRepeatedCharacters = 8;
/** An id shared by at least this many events on average identifies a reply, not an event. */
const leastEventsOfId = 3;
/** Reasoning chunks carry at most this many tokens; with more, they are only a summary. */
const mostTokensPerThought = 4;
const maximumKeptCharacters = 8 * 1024 * 1024;
/** No usage event and no token after the end of a reply is longer. */
const mostLateCharacters = 16_384;
/** The allowed number of events, including heartbeats, plus a few for each token. */
const eventsAllowed = 100_000;
const eventsPerToken = 4;
/** No body starts with more white space. */
const mostLeadingBytes = 1_000_000;
const keepAliveWord = /^(ping|pong|heart-?beat|keep-?alive|\.+|:)$/i;
const doneWord = /^"?\[done\]"?$/i;
const longestDone = 8;
/** Longer lists are not a reply's events. */
const mostEventsInList = 65_536;

/**
 * A server's reply to one request: reads the response as it arrives and keeps its times and counts. One object serves
 * all requests of a stream, so that reading tokens allocates nothing.
 */
export class Reply implements EventHandler, JsonHandler {
  readonly #backend: Backend;
  readonly #scanner: EventScanner;
  readonly #arrivals = new Arrivals();
  readonly #prior: PriorReply;
  readonly #received = Buffer.allocUnsafe(maximumExampleBytes);
  #asked: AskedReply = { outputTokens: 1, choices: 1, candidates: 1, keepText: false };
  #packed: PackedBody | undefined;
  /** All bytes of the body have arrived, but they may still have to be decompressed. */
  #hasEnded = false;
  #json: JsonBody | undefined;
  #form: BodyForm | undefined;
  #head: ReplyHead = noHead;
  #receivedLength = 0;
  #bodyBytes = 0;
  #mostBodyBytes = 0;
  /** The form of the body is unknown, or its first bytes are not all kept yet. */
  #isBeginning = true;

  // The server's counts.
  #counts: CountsReading = {};
  #countsAreSeparate = false;
  #countsAreDamaged = false;
  #choiceCounts: number[] = [];
  /** Tokens listed by id or counted by choice so far, and the number of events with output that did so. */
  #listedTokens = 0;
  #listingEvents = 0;
  /** Events with output before the last separate count. */
  #outputsAtCount = 0;

  // How the reply continues and ends.
  #answers: string[] = [];
  readonly #seen = new Set<number>();
  readonly #finished = new Set<number>();
  #isDone = false;
  /** Events came in a list; in a JSON body, the list is the entire reply. */
  #isList = false;
  #failure: ReplyFailure | undefined;
  #lastEventMs = 0;
  /** When anything but plain tokens last arrived, including usage; 0 before the first. */
  #lastReadMs = 0;
  /** When the last choice finished. */
  #finishMs = Number.NaN;
  /** Events that were parsed. */
  #events = 0;
  #mostEvents = 0;
  /** The choice of the last plain event. */
  #plainChoice = 0;

  /** 0 until the head has arrived. */
  status = 0;
  /** The text of the reply, if it is kept. */
  text = '';
  /** The answer of the first choice, if it is kept. */
  answer = '';
  /** When the first visible text of the answer or the reasoning arrived; NaN before. */
  firstTextMs = Number.NaN;
  /** When the answer started after reasoning; NaN without reasoning. */
  firstAnswerMs = Number.NaN;
  #hasReasoned = false;
  /** Counted tokens of the reasoning, and of a rejected prediction. */
  #reasoningTokens = 0;
  #rejectedTokens = 0;
  /** Chunks before the answer. */
  #reasoningChunks = 0;
  /** Part of an answer arrived; a whole message after it is a repetition. */
  #speaksInParts = false;
  /** The server says that it does not send part of the output. */
  #hidesTokens = false;
  /** The line that was unfinished when the body ended. */
  #unfinished = '';
  /** When the protocol said that the reply is over; NaN before. */
  overMs = Number.NaN;
  /** Results in the reply of a backend that pools. */
  results = 0;
  /** Events that could not be read. */
  unreadable = 0;
  /** The reply came as one JSON text, so the times of its tokens are unknown. */
  isUnstreamed = false;
  /** It ended with an unknown finish reason. */
  hasUnknownEnding = false;
  /** A choice ended at the requested length. */
  endedByLength = false;
  #id = '';
  #idChanges = 0;
  /** Output arrived after the server had ended the reply; it is not counted. */
  wentOnAfterEnd = false;
  /** What is worth reporting about the reply. */
  notes: ReplyNote[] = [];
  /** Seconds that the server asks to wait before the next request; 0 if it does not. */
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

  /** When the reply last progressed, by output or by an event that may be a token; 0 before the first. */
  get lastProgressMs(): number {
    return Math.max(this.#arrivals.lastMs, this.#lastEventMs);
  }

  /** When any event of the reply last arrived; 0 before the first. */
  get lastEventMs(): number {
    return Math.max(this.#arrivals.lastMs, this.#lastReadMs);
  }

  /** Its content is results of a pooling model, not generated tokens. */
  get isPooled(): boolean {
    return this.#backend.pools !== undefined;
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

  /** Its id changed a few times, rather than with every event as on some servers. */
  get wasBegunAgain(): boolean {
    return this.#idChanges > 0 && this.#idChanges * leastEventsOfId < this.chunks;
  }

  get choicesAsked(): number {
    return this.#asked.choices;
  }

  /** A choice lacks a finish reason although its protocol has them. */
  get lacksFinish(): boolean {
    const { endsWithoutMark, hasLastEvent } = this.#backend;
    return endsWithoutMark !== true && hasLastEvent !== true && this.#finished.size < this.choices;
  }

  /** The number of choices seen. */
  get choices(): number {
    return Math.max(1, this.#seen.size);
  }

  /** Whether the protocol has ended the reply, by its end marker or a failure: no more output follows. */
  get isOver(): boolean {
    return !Number.isNaN(this.overMs);
  }

  /**
   * Whether all choices have finished and are counted. More may still follow: some servers send a finish reason with
   * every event, or at the end of reasoning before the answer.
   */
  get isCounted(): boolean {
    return (
      this.#choicesFinished &&
      this.#finished.size >= this.#asked.choices &&
      this.#backend.hasLastEvent !== true &&
      !this.lacksCounts
    );
  }

  /** When the reply ended, given that its body, or the wait for it, ended at `atMs`. */
  endMs(atMs: number): number {
    if (this.isOver) return this.overMs;
    return this.isCounted ? this.#finishMs : atMs;
  }

  /** Whether only a late usage is still read. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Whether a token count may still come, even after `[DONE]`. */
  get lacksCounts(): boolean {
    const { countsNoTokens, pools } = this.#backend;
    return this.completionTokens === undefined && countsNoTokens !== true && pools === undefined;
  }

  /** Whether the reply is complete by its protocol, so that the end of the connection does not cut it off. */
  get isWhole(): boolean {
    if (this.#isDone || this.#backend.endsWithoutMark === true) return true;
    return this.#backend.hasLastEvent !== true && this.#choicesFinished;
  }

  /** Prepares for the reply to a request; `close` must have been called for the previous one. */
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
    this.answer = '';
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
    this.results = 0;
    this.isUnstreamed = false;
    if (this.notes.length > 0) this.notes = [];
    this.retryAfterS = 0;
  }

  /** Releases what is held of a body. */
  close(): void {
    this.#scanner.reset();
    this.#packed?.close();
    this.#packed = undefined;
    this.#json = undefined;
  }

  /**
   * Reads the head. For a compressed body, `onUnpacked` is called after `end` when all of it was read, or `onBroken` if
   * the rest cannot be read.
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
          // Before the end, more of the body is on its way, so the connection cannot carry another reply.
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

  /** The response is complete. Returns whether all of it was read; if not, `onUnpacked` will be called. */
  end(): boolean {
    this.#hasEnded = true;
    this.#packed?.end();
    return this.#packed === undefined;
  }

  /** Calls back once everything that arrived is read. Returns false and never calls back if it already is. */
  whenRead(onRead: () => void): boolean {
    return this.#packed?.whenIdle(onRead) ?? false;
  }

  /**
   * Why the completed reply is a failure; undefined if it is good. Throws BrokenReply if its last bytes cannot be read.
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
      const expected = this.#backend.pools === undefined ? 'a stream of events' : 'JSON';
      return { class: 'wrong-content-type', message: `not ${expected} (${type}): ${this.#example()}` };
    }
    if (this.#backend.pools !== undefined) return this.#wrongResults(this.#backend.pools);
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

  /** Why the results of a reply cannot be those of its request; undefined if they can. */
  #wrongResults({ unit, isOneForEach }: Pooling): ReplyFailure | undefined {
    const { results } = this;
    if (results === 0) {
      return { class: 'empty-reply', message: `the reply has no ${unit}; ${this.#receivedText()}` };
    }
    const { inputs = results } = this.#asked;
    if (results > inputs || (isOneForEach && results < inputs)) {
      return { class: 'wrong-results', message: `${results} × ${unit} for ${inputs} inputs` };
    }
    return undefined;
  }

  /** Tokens and times of a good reply; `promptTokens` is what is known about its prompt. */
  settle(promptTokens: number | undefined): Settled {
    const { outputTokens, choices, candidates } = this.#asked;
    const { count } = this.#arrivals;
    const { completionTokens: total } = this;
    return this.#arrivals.settle({
      // A rejected prediction is not output, although some servers count it.
      total: total === undefined ? undefined : total - this.#rejectedTokens,
      listed: this.#listingEvents > 0 && this.#listingEvents === count ? this.#listedTokens : undefined,
      isSeparate: this.#countsAreSeparate,
      // A count before the last output is not that of the whole reply.
      isDamaged: this.#countsAreDamaged || (this.#countsAreSeparate && count > this.#outputsAtCount),
      prompt: promptTokens,
      hidden: this.#hiddenTokens,
      hidesMore: this.#hidesTokens,
      asked: outputTokens * candidates,
      sentShare: choices / candidates,
    });
  }

  /** Tokens of reasoning that was not sent, or sent only as a summary. */
  get #hiddenTokens(): number {
    const shown = Number.isNaN(this.firstAnswerMs) ? this.chunks : this.#reasoningChunks;
    if (!this.#hasReasoned) return this.#reasoningTokens;
    return this.#reasoningTokens > mostTokensPerThought * shown ? this.#reasoningTokens - shown : 0;
  }

  /** How far the reply got, its first bytes and an incomplete last line, for failure messages. */
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
      throw new BrokenReply('runaway-reply', `the reply continues after ${this.#mostEvents} events`);
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

  /** Reads an event, including one in a list or in a JSON text. */
  #readJson(json: unknown, name: string, atMs: number): boolean {
    if (this.#backend.pools !== undefined) return this.#readResults(json, atMs);
    if (typeof json === 'string') {
      const inner = parseBounded(json);
      if (isRecord(inner)) {
        this.#unusual('events are JSON inside a JSON string');
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

  /** Reads the whole reply of a backend that pools. */
  #readResults(json: unknown, atMs: number): boolean {
    const { results, counts, error } = this.#backend.read(json, this.#prior, '');
    const complaint = error ?? (results === undefined ? complaintIn(json, 'unknown') : undefined);
    if (complaint !== undefined) this.#fail('server-error', complaint, atMs);
    if (counts !== undefined) this.#readCounts(counts, true);
    this.results = results ?? 0;
    this.#endAt(atMs);
    return false;
  }

  /** Reads text in place of an event. */
  #readWords(text: string, isSentence: boolean, atMs: number): void {
    if (text === '' || keepAliveWord.test(text)) return;
    if (isSentence && speaksOfFailure(text)) this.#fail('server-error', text, atMs);
    else this.#unreadableEvent(text, atMs);
  }

  #readEvent(json: unknown, name: string, atMs: number): boolean {
    const reading = this.#backend.read(json, this.#prior, name);
    const { choices, counts, isLast, error, isUnknown } = reading;
    // `error: true` only says that something failed; the description is next to it.
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
    // Visible reasoning is signed, too.
    if (reading.hidesTokens === true && !this.#hasReasoned) this.#hidesTokens = true;
    if (hasOutput) this.#readId(json);
    if (counts !== undefined) this.#readCounts(counts, choices.length === 0);
    for (const choice of choices) this.#readChoice(choice, counts, atMs);
    if (isLast === true) this.#endAt(atMs);
    const only = choices[0];
    if (only === undefined || choices.length > 1 || !isPlain(only) || only.isWhole === true) return false;
    this.#plainChoice = only.index;
    return (
      counts === undefined &&
      isLast !== true &&
      !this.#asked.keepText &&
      this.#asked.keepAnswer !== true &&
      this.#backend.repeatsText !== true
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
      // Output follows, so the choice had not finished after all.
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
    if (this.#asked.keepAnswer === true && choice === 0 && this.answer.length < maximumKeptCharacters)
      this.answer = continued(this.answer, answer);
    if (!this.#asked.keepText || this.text.length >= maximumKeptCharacters) return;
    this.text = continued(this.text, answer, reasoning);
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

  /** After `[DONE]`, only a usage that was missing before is of use; output is noted. */
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
    // A token of this choice that comes anyway must be parsed.
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
      message: `not a JSON event: ${text.slice(0, maximumExampleBytes)}`,
    });
  }

  get #choicesFinished(): boolean {
    return this.#finished.size > 0 && this.#finished.size >= this.#seen.size;
  }

  /** The server has said that no more output follows. */
  #endAt(atMs: number): void {
    this.#isDone = true;
    if (Number.isNaN(this.overMs)) this.overMs = atMs;
    // Nothing after this is a token of the reply.
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
        `the body continues after ${megabytes} MiB, far more than requested`,
      );
    }
    const from = this.#isBeginning ? this.#begin(buffer, start, end) : start;
    if (this.#form === 'events') this.#scanner.push(buffer, from, end, atMs, this);
    else this.#json?.push(buffer, from, end, atMs, this);
  }

  /**
   * Keeps the first bytes of a body and determines its form. Returns where it starts, or `end` if it has not started.
   */
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
      throw new BrokenReply('runaway-reply', `the body starts with ${this.#bodyBytes} bytes of white space`);
    }
    this.#isBeginning = this.#form === undefined || this.#receivedLength < maximumExampleBytes;
    return from;
  }

  /** Determines the form of a body from its first byte and content type. */
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

  /** The message of a status that is not a success, from the head or the body. */
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

/** A text with what an event adds. A server that repeats the whole text in each event has said it only once. */
function continued(text: string, answer: string, reasoning = ''): string {
  const isRepeated = text.length >= leastRepeatedCharacters && answer.startsWith(text);
  return isRepeated ? answer : text + reasoning + answer;
}

/** Whether an event of a choice carries only text, as most do. */
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

/** Whether an event of a choice carries generated output. */
function isOutput({ answer, reasoning, hasOtherOutput, tokens }: ChoiceReading): boolean {
  return answer !== '' || reasoning !== '' || hasOtherOutput === true || (tokens ?? 0) > 0;
}
