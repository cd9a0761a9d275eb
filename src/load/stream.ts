import { nowMs } from './clock.ts';
import type { Prompt } from './datasets/index.ts';
import type { AddressRing } from './http/address-ring.ts';
import { endBy } from './http/connection.ts';
import type { ReadyRequest } from './ready-queue.ts';
import { isForTokenizer, type Recording, recordReply } from './recording.ts';
import { type RequestNumber, type RequestSettings, renderRequest } from './render-request.ts';
import { type AskedReply, Reply, type ReplyFailure } from './reply/index.ts';
import { RequestState } from './request-log.ts';
import type {
  ConnectionEnd,
  ConnectionHandler,
  ConnectionTarget,
  Transport,
  TransportConnection,
} from './transports/transport.ts';

/** Settings shared by all streams of a test. */
export interface StreamSettings extends RequestSettings {
  /** The transport of each server. */
  readonly transports: readonly Transport[];
  /** Keeps the answer of the last reply, for the next turn of its conversation. */
  readonly keepAnswers?: boolean;
  readonly addresses: AddressRing;
  /** Removes secrets from the server's text. */
  readonly redact: (text: string) => string;
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** What replies have revealed about the server so far. */
  readonly server: ServerHabits;
}

/** How a server ends its replies; learned and used by all streams. */
export interface ServerHabits {
  /** The server has ended a body after the last event. */
  endsBodies: boolean;
  /** The server did not end a body in time. */
  leavesOpen: boolean;
  /** Nor had it reported a token count by then. */
  omitsCounts: boolean;
}

const longestReconnectWaitMs = 1000;
/**
 * If a connection is still open at this many deadline checks after a request was sent on it, the server has accepted
 * the request and will not close the connection as idle. Checks are counted instead of milliseconds because the sockets
 * are read between two checks, even if this thread was blocked for long.
 */
const checksUntilTakenUp = 3;
/** How long to wait for the rest of a body after a reply is over, in milliseconds. */
const restOfBodyMs = 100;
/** The same if a usage may still arrive, or the server has not sent its last event. */
const lateEventsMs = 250;
/** If nothing has arrived for this long, a reply that lacks only its end marker is over. In milliseconds. */
const quietMs = 2000;

/** A stream's connection to one server. */
interface Link {
  readonly server: number;
  readonly connection: TransportConnection;
  /** Index of the server address that it goes to. */
  address: number;
  reconnectWaitMs: number;
  /** Responses since it was opened. */
  served: number;
  /** Set while it is opened in advance. */
  opened: ((end?: ConnectionEnd) => void) | undefined;
}

/**
 * One stream of a load test: it carries one request after another, each on its connection to the request's server, and
 * records them in a RequestLog. Every request ends exactly once, completed or failed; then `onFree` is called.
 */
export class Stream {
  readonly #settings: StreamSettings;
  readonly #choices: ChoicesAsked;
  readonly #links: readonly Link[];
  /** That of the request in flight, or of the previous one. */
  #link: Link;
  readonly #reply: Reply;
  readonly #unpacking = {
    onUnpacked: (): void => this.#conclude(nowMs()),
    onBroken: (error: unknown): void => this.#giveUp(endBy(error)),
  };
  #recording: Recording | undefined;
  #onFree: (stream: Stream, index: number) => void = () => {};

  // The request in flight.
  #index = -1;
  /** The previous request. Unsolicited bytes from the server are attributed to it. */
  #lastIndex = -1;
  #request: ReadyRequest | undefined;
  #sent = false;
  #resent = false;
  #startMs = 0;
  #sentMs = 0;
  /** Deadline checks since it was sent. */
  #checks = 0;

  /** The whole response has arrived; it may still be waiting to be decompressed. */
  #hasEnded = false;
  #closing = false;
  /** Runs while the rest of a body is awaited, for at most `#restMs`. */
  #rest: NodeJS.Timeout | undefined;
  #restMs = 0;

  constructor(settings: StreamSettings) {
    this.#settings = settings;
    this.#choices = choicesAsked(settings);
    this.#links = settings.transports.map((transport, server) => this.#newLink(transport, server));
    const [first] = this.#links;
    if (first === undefined) throw new Error('a stream without a server cannot send');
    this.#link = first;
    this.#reply = new Reply(settings.backend);
  }

  #newLink(transport: Transport, server: number): Link {
    const link: Link = {
      server,
      connection: transport.connect(this.#handlerOf(() => link)),
      address: 0,
      reconnectWaitMs: 0,
      served: 0,
      opened: undefined,
    };
    return link;
  }

  /** Only the connection of the request in flight matters; the others may close unnoticed. */
  #handlerOf(link: () => Link): ConnectionHandler {
    return {
      onOpen: () => this.#onOpen(link()),
      onClose: (end) => this.#onClose(link(), end),
      onHead: (head) => this.#reply.head(head, this.#unpacking),
      onBody: (buffer, start, end, atMs) => this.#reply.body(buffer, start, end, atMs),
      onRead: () => this.#onRead(),
      onEnd: (keepAlive, atMs, extraBytes) => this.#onEnd(keepAlive, atMs, extraBytes),
    };
  }

  /** Seconds to wait before the next request, from the server's last reply; 0 if it did not ask. */
  get retryAfterS(): number {
    return this.#reply.retryAfterS;
  }

  /** The answer of the last reply, if answers are kept; undefined if it failed or said nothing. */
  get answer(): string | undefined {
    const isReply = this.#recording?.log.isReply(this.#lastIndex) === true;
    return isReply && this.#reply.answer !== '' ? this.#reply.answer : undefined;
  }

  /** Token counts of the last request and its reply, if the server reported them. */
  get countedTokens(): { readonly prompt: number | undefined; readonly completion: number | undefined } {
    return { prompt: this.#reply.promptTokens, completion: this.#reply.completionTokens };
  }

  /** Renders a prompt so that any stream of the test can send it. */
  render(prompt: Prompt, number?: RequestNumber): ReadyRequest {
    return renderRequest(this.#settings, prompt, number);
  }

  /** Where the connection goes. */
  get target(): ConnectionTarget {
    return this.#settings.addresses.at(this.#link.address);
  }

  /**
   * Opens the connections in advance, to one server after the other. Resolves to why one could not be opened, and
   * `target` is then where it was to go; undefined if all are open.
   */
  async open(): Promise<ConnectionEnd | undefined> {
    for (const link of this.#links) {
      this.#link = link;
      const end = await new Promise<ConnectionEnd | undefined>((resolve) => {
        link.opened = resolve;
        this.#connect();
      });
      if (end !== undefined) return end;
    }
    return undefined;
  }

  /** Sets where further requests are recorded, and what to call when one has ended. */
  attach(recording: Recording, onFree: (stream: Stream, index: number) => void): void {
    this.#recording = recording;
    this.#onFree = onFree;
    this.#lastIndex = -1;
  }

  /** Sends a request. Its clock starts now, even if the connection must be reopened first. */
  start(index: number, request: ReadyRequest): void {
    const recording = this.#recording;
    if (recording === undefined) throw new Error('start() was called before attach()');
    const link = this.#links[request.server ?? 0];
    if (link === undefined) throw new Error('a request goes to a server that the test does not have');
    this.#link = link;
    this.#index = index;
    this.#request = request;
    this.#sent = false;
    this.#resent = false;
    this.#hasEnded = false;
    const { log, counters, keepTexts } = recording;
    const { choices, candidates } = this.#choices;
    this.#reply.reset({
      outputTokens: request.outputTokens,
      choices,
      candidates,
      inputs: request.inputs,
      keepAnswer: this.#settings.keepAnswers ?? false,
      keepText: log.wantsTexts || isForTokenizer(keepTexts, index),
    });
    log.state[index] = RequestState.inFlight;
    log.address[index] = link.address;
    log.inputTokens[index] = request.inputTokens ?? Number.NaN;
    counters.inFlight++;
    this.#startMs = nowMs();
    if (link.connection.isOpen) this.#send();
    else this.#reconnect();
  }

  /** Gives up the request in flight if a deadline has passed. */
  checkDeadlines(atMs: number): void {
    // Bytes that are read but not parsed yet may contain the awaited event.
    if (this.#index === -1 || this.#link.connection.hasWaiting) return;
    this.#checks++;
    const { stallTimeoutMs, requestTimeoutMs, connectTimeoutMs } = this.#settings;
    const reply = this.#reply;
    if (reply.isOver) {
      this.#waitForRest();
    } else if (this.#sent && reply.isCounted && atMs - reply.lastEventMs > quietMs) {
      this.#finishOver(reply.endMs(atMs));
    } else if (this.#sent && atMs - Math.max(this.#sentMs, reply.lastProgressMs) > stallTimeoutMs) {
      if (reply.isWhole && reply.chunks > 0) this.#finishOver(reply.lastProgressMs);
      else
        this.#giveUp({
          class: 'stalled',
          message: `no ${this.#settings.backend.pools === undefined ? 'token' : 'reply'} for ${stallTimeoutMs / 1000} s`,
        });
    } else if (this.#sent && atMs - this.#startMs > requestTimeoutMs) {
      if (reply.isCounted) this.#finishOver(reply.endMs(atMs));
      else
        this.#giveUp({
          class: 'request-timeout',
          message: `no end after ${requestTimeoutMs / 1000} s`,
        });
    } else if (!this.#sent && atMs - this.#startMs > connectTimeoutMs) {
      this.#giveUp({ class: 'connect-timeout', message: this.#connectTimeoutMessage() });
    }
  }

  /** Gives up the request in flight. It fails when its connection has closed, or now if closing adds nothing. */
  #giveUp(end: ConnectionEnd): void {
    this.#link.connection.abort(end);
    if (this.#hasEnded && this.#index !== -1) this.#fail(end, nowMs());
  }

  /** Ends the request in flight as abandoned, without calling `onFree`, and closes the connection. */
  close(): void {
    this.#closing = true;
    if (this.#index !== -1) this.#release(RequestState.abandoned, nowMs());
    for (const { connection } of this.#links)
      connection.abort({ class: 'aborted', message: 'the test was stopped' });
  }

  #onOpen(link: Link): void {
    link.reconnectWaitMs = 0;
    link.served = 0;
    link.opened?.();
    link.opened = undefined;
    if (link === this.#link && this.#index !== -1 && !this.#sent) this.#send();
  }

  #onClose(link: Link, end: ConnectionEnd): void {
    if (link.opened !== undefined) {
      link.opened(end);
      link.opened = undefined;
      return;
    }
    if (this.#closing || link !== this.#link) return;
    if (this.#index === -1) {
      if (end.class === 'unsolicited') this.#noteUnsolicited(end);
      return;
    }
    // The reply is complete and ends when it is decompressed.
    if (this.#hasEnded) return;
    const atMs = nowMs();
    const untouched = this.#reply.status === 0 && !this.#link.connection.inResponse;
    if (!this.#sent) {
      this.#settings.addresses.refused(link.address);
      // A server that restarts is retried until the connect timeout.
      if (end.class.startsWith('connect') && atMs - this.#startMs < this.#settings.connectTimeoutMs)
        this.#reconnect();
      else this.#fail(end, atMs);
    } else if (
      untouched &&
      link.served > 0 &&
      !this.#resent &&
      this.#checks < checksUntilTakenUp &&
      (end.class === 'closed' || end.class === 'reset')
    ) {
      // The server closed an idle connection just as it was used again; this is not a reply to the request.
      this.#resent = true;
      this.#sent = false;
      this.#reconnect();
    } else if (!this.#reply.whenRead(() => this.#endClosed(end, atMs))) {
      this.#endClosed(end, atMs);
    }
  }

  /** The connection is closed and everything is read: the reply is over, or cut off. */
  #endClosed(end: ConnectionEnd, atMs: number): void {
    if (this.#index === -1 || this.#closing) return;
    if (this.#reply.isOver || this.#reply.isCounted) {
      this.#conclude(this.#reply.endMs(atMs));
    } else if (end.class === 'closed') {
      this.#fail(
        { class: 'cut-off', message: `the server closed the connection ${this.#reply.progressText()}` },
        atMs,
      );
    } else {
      // If there was no HTTP head, the message already quotes everything that arrived.
      const progress =
        this.#reply.status === 0 && end.class === 'malformed-http' ? '' : `, ${this.#reply.progressText()}`;
      this.#fail({ class: end.class, message: `${end.message}${progress}` }, atMs);
    }
  }

  /** Unsolicited bytes arrived on an idle connection: the previous reply is valid, but this is worth reporting. */
  #noteUnsolicited({ class: troubleClass, message }: ConnectionEnd): void {
    const { log } = this.#recording ?? {};
    if (log?.isReply(this.#lastIndex) !== true) return;
    log.trouble(this.#lastIndex, troubleClass, this.#settings.redact(message), false);
  }

  #onRead(): void {
    // Usually the rest arrived in the same read, and there is nothing to wait for.
    if (this.#index !== -1 && this.#reply.isOver) this.#waitForRest();
  }

  #onEnd(keepAlive: boolean, atMs: number, extraBytes: number): void {
    this.#link.served++;
    this.#hasEnded = true;
    if (extraBytes > 0) {
      const message = `${extraBytes} bytes after the end of the response`;
      this.#reply.notes.push({ class: 'extra-bytes', message });
    }
    if (this.#reply.isOver) this.#settings.server.endsBodies = true;
    if (!keepAlive)
      this.#link.connection.abort({ class: 'closed', message: 'the server closes after each reply' });
    if (this.#reply.end()) this.#conclude(atMs);
  }

  /**
   * The reply is over. The rest of its body may take a moment, but it must not block the stream until the stall
   * timeout.
   */
  #waitForRest(): void {
    const { isDone, lacksCounts } = this.#reply;
    const { server } = this.#settings;
    const isKnown = isDone && !server.endsBodies && (lacksCounts ? server.omitsCounts : server.leavesOpen);
    const waitMs = isKnown ? 0 : isDone && !lacksCounts ? restOfBodyMs : lateEventsMs;
    if (this.#index === -1 || (this.#rest !== undefined && this.#restMs <= waitMs)) return;
    clearTimeout(this.#rest);
    this.#restMs = waitMs;
    // Reads what arrived while this thread was blocked before the wait ends.
    const timer = setTimeout(() => {
      setImmediate(() => {
        this.#link.connection.parseWaiting();
        if (this.#rest === timer) this.#endWithoutRest();
      });
    }, waitMs);
    this.#rest = timer;
  }

  #endWithoutRest(): void {
    if (this.#index === -1) return;
    const { server } = this.#settings;
    // If the body continued, the server had not left it open.
    if (!this.#reply.wentOnAfterEnd) {
      server.leavesOpen = true;
      if (this.#reply.lacksCounts) server.omitsCounts = true;
    }
    this.#finishOver(this.#reply.overMs);
  }

  /** Ends the request although its body has not ended; the connection cannot be reused. */
  #finishOver(overMs: number): void {
    this.#link.connection.abort({ class: 'lingered', message: 'the server did not end the reply' });
    this.#conclude(overMs);
  }

  /** Ends the request in flight, if any. An exception while reading its last bytes makes it fail. */
  #conclude(atMs: number): void {
    if (this.#index === -1) return;
    const failure = this.#settle(atMs);
    const endMs = this.#reply.endMs(atMs);
    if (failure === undefined) this.#complete(endMs);
    else this.#fail(failure, endMs);
  }

  /** Reads the rest of the reply and records it; returns the failure if there is one. */
  #settle(atMs: number): ReplyFailure | undefined {
    const recording = this.#recording;
    const request = this.#request;
    if (recording === undefined || request === undefined) return undefined;
    try {
      const failure = this.#reply.conclude(atMs);
      if (failure === undefined) {
        const endMs = this.#reply.endMs(atMs);
        recordReply(recording, this.#index, request, this.#reply, {
          ignoreEos: this.#settings.ignoreEos,
          endMs,
        });
      }
      return failure;
    } catch (error) {
      this.#link.connection.abort(endBy(error));
      return endBy(error);
    }
  }

  #send(): void {
    this.#sentMs = nowMs();
    this.#checks = 0;
    this.#sent = true;
    if (!this.#resent) this.#settings.addresses.sent(this.#link.address);
    // On a connection opened in advance, the clock starts at the write; if it had to be reopened, at the attempt to
    // send.
    if (this.#recording !== undefined) {
      const { log } = this.#recording;
      log.startMs[this.#index] = this.#startMs;
    }
    if (this.#request !== undefined) this.#link.connection.write(this.#request.bytes);
  }

  #reconnect(): void {
    if (this.#recording !== undefined) this.#recording.counters.reconnects++;
    const link = this.#link;
    const waitMs = link.reconnectWaitMs;
    link.reconnectWaitMs = Math.min(longestReconnectWaitMs, 2 * waitMs + 20);
    if (waitMs === 0) this.#connect();
    else
      setTimeout(() => {
        if (!this.#closing && this.#index !== -1 && link === this.#link) this.#connect();
      }, waitMs);
  }

  /** Connects to the next address of the server, whichever was used before. */
  #connect(): void {
    const link = this.#link;
    link.address = this.#settings.addresses.next(link.server);
    // Also of a request that fails before it is sent.
    if (this.#recording !== undefined && this.#index !== -1)
      this.#recording.log.address[this.#index] = link.address;
    link.connection.open(this.target);
  }

  #complete(atMs: number): void {
    const index = this.#index;
    const isOutside = this.#recording?.log.isOutside(index) === true;
    this.#release(isOutside ? RequestState.outside : RequestState.completed, atMs);
    this.#onFree(this, index);
  }

  #fail({ class: failureClass, message }: ReplyFailure, atMs: number): void {
    const index = this.#index;
    if (this.#recording !== undefined) {
      this.#recording.log.trouble(index, failureClass, this.#settings.redact(message), true);
      this.#recording.counters.failed++;
    }
    this.#release(RequestState.failed, atMs);
    this.#onFree(this, index);
  }

  #connectTimeoutMessage(): string {
    return `no connection to ${this.target.name} after ${this.#settings.connectTimeoutMs / 1000} s`;
  }

  #release(state: RequestState, atMs: number): void {
    if (this.#recording !== undefined) {
      const { log, counters } = this.#recording;
      log.state[this.#index] = state;
      log.endMs[this.#index] = atMs;
      counters.inFlight--;
    }
    this.#reply.close();
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#lastIndex = this.#index;
    this.#index = -1;
  }
}

/** How many choices a request asks for, and how many candidates the server generates for them. */
type ChoicesAsked = Pick<AskedReply, 'choices' | 'candidates'>;

function choicesAsked({ extraBody, sampling }: StreamSettings): ChoicesAsked {
  const asked = (name: string): number => {
    const value = extraBody[name] ?? sampling[name];
    return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : 1;
  };
  const choices = asked('n');
  return { choices, candidates: Math.max(choices, asked('best_of')) };
}
