import type { ConnectionEnd, ConnectionHandler } from '../http/connection.ts';
import type { ConnectionTarget, Server } from '../http/target.ts';

export type { ConnectionEnd, ConnectionHandler, ConnectionTarget, Server };

export type HeaderField = readonly [name: string, value: string];

/** What all requests of a test share. */
export interface RequestHead {
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly HeaderField[];
}

/** Creates the bytes before a body of `bodyLength` bytes; `more` are headers of this request only. */
export type RequestFramer = (bodyLength: number, more: readonly HeaderField[]) => Uint8Array;

/** A connection that carries one request after another and reports events to its handler. */
export interface TransportConnection {
  readonly isOpen: boolean;
  /** Whether bytes of a response to the last request have arrived. */
  readonly inResponse: boolean;
  /** Whether bytes were read and timestamped that the handler has not received yet. */
  readonly hasWaiting: boolean;
  /** Opens the connection; the handler's `onOpen` or `onClose` follows. */
  open(target: ConnectionTarget): void;
  /**
   * Sends a request: the framer's bytes followed by the body. Then come `onHead`, `onBody` with the time at which the
   * bytes were read, `onRead` after each read, and `onEnd`.
   */
  write(bytes: Uint8Array): void;
  /** Closes the connection for the given reason; `onClose` follows. */
  abort(end: ConnectionEnd): void;
  /** Passes waiting bytes to the handler. */
  parseWaiting(): void;
}

/** A way to reach servers. Connections run in the thread that opened them; targets can be sent between threads. */
export interface Transport {
  /** The schemes of the base URLs that it serves, in lower case. */
  readonly schemes: readonly string[];
  /** The form of such URLs for error messages, such as `an http:// address`. */
  readonly forms: string;
  /** Where to connect to reach a server; at least one target. Throws LoadError `cannot-connect`. */
  targets(server: Server): Promise<readonly ConnectionTarget[]>;
  framer(head: RequestHead): RequestFramer;
  connect(handler: ConnectionHandler): TransportConnection;
}
