import type { ConnectionEnd, ConnectionHandler } from '../http/connection.ts';
import type { ConnectionTarget, Server } from '../http/target.ts';

export type { ConnectionEnd, ConnectionHandler, ConnectionTarget, Server };

export type HeaderField = readonly [name: string, value: string];

/** What all requests of a test have in common. */
export interface RequestHead {
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly HeaderField[];
}

/** Makes the bytes that go before a body of `bodyLength` bytes; `more` are headers of this request alone. */
export type RequestFramer = (bodyLength: number, more: readonly HeaderField[]) => Uint8Array;

/** A connection that carries one request after another. It tells its handler what happens. */
export interface TransportConnection {
  readonly isOpen: boolean;
  /** Whether bytes of a response to the last request have come. */
  readonly inResponse: boolean;
  /** Whether bytes were read and stamped that the handler has not got yet. */
  readonly hasWaiting: boolean;
  /** Opens the connection; the handler's `onOpen` or `onClose` follows. */
  open(target: ConnectionTarget): void;
  /**
   * Sends a request: what the framer made and the body behind it. `onHead`, `onBody` with the time at which the bytes
   * were read, `onRead` after each read and `onEnd` follow.
   */
  write(bytes: Uint8Array): void;
  /** Gives the connection up for a reason; `onClose` follows. */
  abort(end: ConnectionEnd): void;
  /** Hands over what waits. */
  parseWaiting(): void;
}

/** A way to reach servers. Its connections run in the thread that opened them; targets go from thread to thread. */
export interface Transport {
  /** The schemes of the base URLs that it serves, in lower case. */
  readonly schemes: readonly string[];
  /** How such URLs are written, for a message, such as `an http:// address`. */
  readonly forms: string;
  /** Where the connections to a server go, at least one place. Throws LoadError `cannot-connect`. */
  targets(server: Server): Promise<readonly ConnectionTarget[]>;
  framer(head: RequestHead): RequestFramer;
  connect(handler: ConnectionHandler): TransportConnection;
}
